"""Instants and waits as a reader says them. Pure."""

from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
WEEK_DAYS = 7


def clock(instant: datetime, now: datetime) -> str:
    """Return an instant near `now` as people say it: "06:00", "tomorrow 06:00", "Monday 06:00".

    Both are in the zone of the one who reads.
    """
    if instant.date() == now.date():
        return f"{instant:%H:%M}"
    return f"{day(instant, now)} {instant:%H:%M}"


def day(instant: datetime, now: datetime) -> str:
    """Return the day of an instant: "today", "yesterday", "Monday", "3 May" or "3 May 2024"."""
    days = (instant.date() - now.date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    if abs(days) < WEEK_DAYS:
        return f"{instant:%A}"
    with_year = "" if instant.year == now.year else f" {instant.year}"
    return f"{instant.day} {instant:%B}{with_year}"


def wait(length: timedelta) -> str:
    """Return a length in its largest units: "under a minute", "12 min", "2 h 5 min", "3 days"."""
    if length < MINUTE:
        return "under a minute"
    if length >= timedelta(days=2):
        return f"{length.days} days"
    hours, minutes = divmod(length // MINUTE, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
