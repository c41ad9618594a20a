"""When a mail is tried again that the server put off. Pure."""

from datetime import datetime, timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
# Servers that greylist take a mail within minutes; what they put off for a day is refused.
TOGETHER = timedelta(days=1)


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many tries: 1 minute, 2, 4 ... up to an hour."""
    doublings: int = 2 ** min(attempts - 1, 10)
    return min(LONGEST, FIRST * doublings)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries, None when a day of tries is over."""
    waited = sum((wait_after(each) for each in range(1, attempts)), timedelta())
    return None if waited >= TOGETHER else now + wait_after(attempts)
