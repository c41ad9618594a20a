"""What the clock of a zone shows, as instants, also where it is changed."""

from datetime import UTC, datetime, time

import pytest

from jobs.runs.local_times import next_local_time


@pytest.mark.parametrize(
    ("now", "at", "zone", "expected"),
    [
        ("2026-11-21T05:59", "07:00", "Europe/Berlin", "2026-11-21T06:00"),
        ("2026-11-21T06:00", "07:00", "Europe/Berlin", "2026-11-21T06:00"),
        ("2026-11-21T06:01", "07:00", "Europe/Berlin", "2026-11-22T06:00"),
        # Their day is not ours: Kiritimati is 14 hours ahead, Pago Pago 11 behind.
        ("2026-11-21T18:00", "07:00", "Pacific/Kiritimati", "2026-11-22T17:00"),
        ("2026-11-21T05:00", "23:30", "Pacific/Pago_Pago", "2026-11-21T10:30"),
        # Clocks go forward at 02:00: 02:30 is 03:00, the first instant after the gap.
        ("2026-03-28T20:00", "02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29T01:01", "02:30", "Europe/Berlin", "2026-03-30T00:30"),
        # Clocks go back at 03:00: the first 02:30, and no second one.
        ("2026-10-24T20:00", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-10-25T00:31", "02:30", "Europe/Berlin", "2026-10-26T01:30"),
        # Lord Howe moves by half an hour only.
        ("2026-10-03T12:00", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
    ],
)
def test_the_next_local_time_is_right_everywhere(
    now: str, at: str, zone: str, expected: str
) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = next_local_time(instant, time.fromisoformat(at), zone)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)
