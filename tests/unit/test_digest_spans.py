"""What span a digest tells about."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.digests.spans import Span, span_of

UNTIL = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("cadence", "length"), [("daily", DAY), ("weekly", 7 * DAY)])
def test_a_first_digest_tells_one_day_or_one_week(cadence: str, length: timedelta) -> None:
    assert span_of(None, UNTIL, cadence) == Span(UNTIL - length, UNTIL)


def test_a_digest_begins_where_the_last_one_ended() -> None:
    told_until = UNTIL - timedelta(hours=23)
    assert span_of(told_until, UNTIL, "daily") == Span(told_until, UNTIL)


@pytest.mark.parametrize(("cadence", "days"), [("daily", 7), ("weekly", 28)])
def test_after_a_long_pause_a_digest_tells_seven_days_or_four_weeks(
    cadence: str, days: int
) -> None:
    assert span_of(UNTIL - 60 * DAY, UNTIL, cadence) == Span(UNTIL - days * DAY, UNTIL)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)])
def test_a_late_run_tells_nothing_twice(ahead: timedelta) -> None:
    assert span_of(UNTIL + ahead, UNTIL, "daily") is None
