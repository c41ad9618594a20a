"""When a person's digest is due, by their own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.digests.rhythms import Rhythm, last_due, next_due

DAY = timedelta(days=1)
BERLIN = "Europe/Berlin"
DAILY = Rhythm("daily", 8, 0, BERLIN)
MONDAYS = Rhythm("weekly", 8, 0, BERLIN)
# Half hours, a clock that jumps at midnight, one that jumps by half an hour, a day left out.
ZONES = ("UTC", BERLIN, "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia")


def utc(text: str) -> datetime:
    """Return the instant, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "now", "last", "following"),
    [
        (DAILY, "2026-11-21 06:59", "2026-11-20 07:00", "2026-11-21 07:00"),
        (DAILY, "2026-11-21 07:00", "2026-11-21 07:00", "2026-11-22 07:00"),
        # The 21st is a Saturday.
        (MONDAYS, "2026-11-21 12:00", "2026-11-16 07:00", "2026-11-23 07:00"),
        (MONDAYS, "2026-11-23 07:00", "2026-11-23 07:00", "2026-11-30 07:00"),
        # On the other side of the date line it is Monday already.
        (
            Rhythm("weekly", 1, 0, "Pacific/Auckland"),
            "2026-11-22 12:30",
            "2026-11-22 12:00",
            "2026-11-29 12:00",
        ),
    ],
)
def test_a_digest_is_due_at_the_persons_hour_and_weekday(
    rhythm: Rhythm, now: str, last: str, following: str
) -> None:
    assert last_due(rhythm, utc(now)) == utc(last)
    assert next_due(rhythm, utc(now)) == utc(following)


def test_the_hour_stays_when_the_clocks_change() -> None:
    for day in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        due_at = last_due(DAILY, utc(f"{day} 12:00"))
        assert due_at.astimezone(ZoneInfo(BERLIN)).isoformat()[:16] == f"{day}T08:00"


def test_an_hour_that_does_not_exist_is_the_end_of_the_gap() -> None:
    at_two = Rhythm("daily", 2, 0, BERLIN)
    assert last_due(at_two, utc("2026-03-29 12:00")) == utc("2026-03-29 01:00")


def test_an_hour_that_occurs_twice_is_due_at_the_first_and_not_again() -> None:
    at_two = Rhythm("daily", 2, 0, BERLIN)
    assert last_due(at_two, utc("2026-10-25 12:00")) == utc("2026-10-25 00:00")
    assert next_due(at_two, utc("2026-10-25 00:00")) == utc("2026-10-26 01:00")


@given(
    # Within 28 years of minutes.
    minute=st.integers(0, 28 * 365 * 24 * 60),
    cadence=st.sampled_from(["daily", "weekly"]),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
)
def test_the_last_one_and_the_next_one_enclose_every_instant(
    minute: int, cadence: str, hour: int, weekday: int, zone: str
) -> None:
    now = datetime(2009, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    rhythm = Rhythm(cadence, hour, weekday, zone)
    last, following = last_due(rhythm, now), next_due(rhythm, now)
    assert last <= now < following
    assert last_due(rhythm, following - timedelta(microseconds=1)) == last
    longest = timedelta(days=1) if cadence == "daily" else timedelta(days=7)
    assert following - last <= longest + DAY
