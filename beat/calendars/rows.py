"""The operators' calendars, read for those schedules that use one."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db.models import CharField
from django.db.models.functions import Cast

from beat.calendars.rules import CalendarRule, Entry
from beat.definition import BrokenScheduleError
from beat.models import Calendar, CalendarEntry
from beat.occurrences.zones import zone_of

Excludes = Callable[[datetime], str]
ENTRY_COLUMNS = ("month", "day", "year", "starts_at_time", "ends_at_time", "name")


def calendar_exclusions(
    calendar_ids: Collection[int],
) -> dict[int, Excludes | BrokenScheduleError]:
    """Return for each calendar what says why an instant is excluded, or why it cannot be used."""
    return {calendar_id: _exclusion(calendar_id) for calendar_id in calendar_ids}


def _exclusion(calendar_id: int) -> Excludes | BrokenScheduleError:
    try:
        return _rule(calendar_id).excludes
    # What a driver or the zone's file raises for a value written by SQL has no common type.
    except Exception as problem:  # noqa: BLE001
        return BrokenScheduleError(
            "broken_calendar",
            f"The schedule's calendar cannot be used: {problem} Correct the calendar, "
            "or choose another one in the schedule's policy."[:500],
        )


def _rule(calendar_id: int) -> CalendarRule:
    # The zone as text: the field's own conversion raises an error for an unknown one.
    found = Calendar.objects.filter(id=calendar_id).annotate(zone=Cast("timezone", CharField()))
    zone, allows, country, subdivision = found.values_list(
        "zone", "allows", "country", "subdivision"
    ).get()
    entries = CalendarEntry.objects.filter(calendar=calendar_id).order_by("id")
    return CalendarRule(
        zone_of(zone),
        allows,
        country,
        subdivision,
        tuple(Entry(*values) for values in entries.values_list(*ENTRY_COLUMNS)),
    )
