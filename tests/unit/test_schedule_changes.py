"""What an edit changes within the next 30 days, and what is asked before it is saved."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from beat.decisions.policy_rules import PolicyRules
from beat.definition import ScheduleRow, timing_of
from beat.editing.changes import (
    EXAMINED,
    Occurrences,
    changes_between,
    in_words,
    question_about,
)

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def crontab(line: str, excludes: Any = None, **columns: Any) -> Occurrences:
    """Return when a crontab line in Berlin runs."""
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    fields: dict[str, Any] = dict(zip(names, line.split(), strict=True))
    return of_row(excludes, crontab_id=1, timezone="Europe/Berlin", **fields, **columns)


def every(count: int, period: str) -> Occurrences:
    """Return when an interval runs."""
    return of_row(interval_id=1, every=count, period=period)


def of_row(excludes: Any = None, **columns: Any) -> Occurrences:
    """Return when a schedule with these columns runs."""
    row = ScheduleRow(1, "Edited", "cleanup.run", **columns)
    return Occurrences(timing_of(row, NOW), PolicyRules(1, excludes=excludes), excludes)


def told(before: Occurrences, after: Occurrences) -> str:
    """Return the changes in words."""
    return in_words(changes_between(before, after, NOW), BERLIN)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "0 9 * * *",
            "0 9 1-30 * *",
            "In the next 30 days this drops 1 run (on Tue 31 Mar).",
        ),
        (
            "0 9 1,31 * *",
            "0 9 1,16,17 * *",
            "this adds 2 runs (on Mon 16 Mar and Tue 17 Mar) and drops 1 run (on Tue 31 Mar).",
        ),
        (
            "0 9 * * *",
            "0 9,21 * * *",
            "In the next 30 days this adds 30 runs (on 30 days from Sun 15 Mar to Mon 13 Apr).",
        ),
        ("0 9 * * 7", "0 9 * * sun", "In the next 30 days it runs at the same times as before."),
        ("0 9 10 6 *", "0 9 1 6 *", "In the next 30 days it runs at the same times as before."),
    ],
)
def test_an_edit_in_words(before: str, after: str, words: str) -> None:
    assert told(crontab(before), crontab(after)).endswith(words)


def test_a_rule_that_is_due_very_often_is_counted_only() -> None:
    found = changes_between(every(1, "hours"), every(1, "microseconds"), NOW)
    assert found.after == 30 * 86_400 * 1_000_000
    assert found.added == found.dropped == ()
    assert "2,592,000,000,000 times instead of 720" in in_words(found, BERLIN)


def test_each_minute_is_still_told_one_by_one() -> None:
    found = changes_between(crontab("* * * * *"), crontab("*/2 * * * *"), NOW)
    assert found.before == 43_200 < EXAMINED
    assert len(found.dropped) == 21_600


def test_what_a_calendar_excludes_does_not_run() -> None:
    def on_weekends(instant: datetime) -> str:
        return "a weekend" if instant.weekday() > 4 else ""

    found = changes_between(crontab("0 9 * * *"), crontab("0 9 * * *", on_weekends), NOW)
    assert len(found.dropped) == 8
    assert found.added == ()


def test_bounds_count() -> None:
    after = crontab("0 9 * * *", expires=datetime(2026, 3, 20, 8, tzinfo=UTC))
    assert changes_between(crontab("0 9 * * *"), after, NOW).after == 4
    after = crontab("0 9 * * *", start_time=NOW + timedelta(days=28))
    assert changes_between(crontab("0 9 * * *"), after, NOW).after == 2


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        ("0 9 * * *", "0 * * * *", "24 times as often"),
        ("0 9 * * *", "0 0-9 * * *", ""),
        ("0 9 * * *", "0 0-10 * * *", "11 times as often"),
        ("0 9 1 1 *", "0 9 1 * *", "12 times as often"),
        ("0 9 1 1 *", "0 9 1 1-10 *", ""),
        ("0 * * * *", "0 9 29 2 *", ""),
    ],
)
def test_far_more_often_asks(before: str, after: str, asks: str) -> None:
    question = question_about(crontab(before), crontab(after), NOW)
    assert (asks in question) if asks else (question == "")


def test_never_again_asks() -> None:
    daily = crontab("0 9 * * *")
    never = crontab("0 9 * * *", excludes=lambda _: "closed for good")
    assert question_about(daily, never, NOW).startswith("It would never run again.")
    assert question_about(never, never, NOW) == ""
    once = crontab("0 9 * * *", one_off=True)
    assert question_about(daily, once, NOW).startswith("It would run once more")
    assert question_about(once, daily, NOW) == "" or "times as often" in question_about(
        once, daily, NOW
    )


def test_a_pause_is_not_the_end() -> None:
    daily = crontab("0 9 * * *")
    paused = Occurrences(daily.timing, PolicyRules(1, is_paused=True))
    assert question_about(daily, paused, NOW) == ""
