"""What decides about a report's mails: gates, conditions, local times, pauses."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jobs.reports.delivery.conditions import why_not_wanted
from jobs.reports.delivery.gate import Rule, why_held
from jobs.reports.delivery.measured import Measured
from jobs.reports.delivery.waits import next_try, wait_after

MONDAY = date(2026, 11, 16)
WEEK = timedelta(days=7)
FAR = Rule(figure="Orders", far_percent=50)


def orders(number: float) -> Measured:
    return Measured(10, {"Orders": number})


def mondays(*numbers: float) -> dict[date, Measured]:
    """Return the numbers of the Mondays before, the last one first."""
    return {MONDAY - WEEK * (ago + 1): orders(number) for ago, number in enumerate(numbers)}


def test_an_empty_report_is_held_only_where_the_gate_says_so() -> None:
    assert why_held(Rule(), MONDAY, Measured(0), {}) == "It is empty."
    assert why_held(Rule(holds_empty=False), MONDAY, Measured(0), {}) == ""
    assert why_held(Rule(), MONDAY, Measured(None), {}) == "", "without tables nothing is empty"


@pytest.mark.parametrize("number", [49, 151, -100])
def test_a_figure_far_from_the_same_weekdays_is_held_with_both_numbers(number: float) -> None:
    reason = why_held(FAR, MONDAY, orders(number), mondays(100, 90, 110, 100))
    assert reason == (
        f'"Orders" is {number}; the median of 4 earlier Mondays is 100, '
        "and more than 50 % from it is held."
    )


@pytest.mark.parametrize("number", [50, 100, 150])
def test_a_figure_near_the_same_weekdays_passes(number: float) -> None:
    assert why_held(FAR, MONDAY, orders(number), mondays(100, 90, 110, 100)) == ""


def test_other_weekdays_few_weeks_and_unknown_figures_hold_nothing() -> None:
    sundays = {day - timedelta(days=1): one for day, one in mondays(1, 1, 1, 1).items()}
    assert why_held(FAR, MONDAY, orders(100), sundays) == ""
    assert why_held(FAR, MONDAY, orders(100), mondays(1, 1)) == ""
    assert why_held(FAR, MONDAY, Measured(5), mondays(1, 1, 1, 1)) == ""


def test_weeks_beyond_those_compared_do_not_count() -> None:
    rule = Rule(figure="Orders", far_percent=50, weeks_compared=3)
    assert why_held(rule, MONDAY, orders(100), mondays(100, 100, 100, 1, 1, 1, 1)) == ""


def test_the_number_of_rows_is_a_figure_without_a_name() -> None:
    history = {MONDAY - WEEK * ago: Measured(1000) for ago in range(1, 5)}
    reason = why_held(Rule(far_percent=20), MONDAY, Measured(1300), history)
    assert reason.startswith(
        "The number of rows is 1,300; the median of 4 earlier Mondays is 1,000"
    )


@pytest.mark.parametrize(
    ("condition", "is_wanted"),
    [
        ({}, True),
        ({"figure": "Orders", "is": "above", "value": 4}, True),
        ({"figure": "Orders", "is": "above", "value": 5}, False),
        ({"figure": "Orders", "is": "below", "value": 5}, False),
        ({"figure": "Orders", "is": "equal", "value": 5}, True),
        ({"figure": "Orders", "is": "changed", "value": None}, True),
        ({"figure": "Gone", "is": "above", "value": 5}, True),
        ({"figure": "", "is": "above", "value": 10}, False),
    ],
)
def test_a_condition_compares_a_figure(condition: dict[str, object], is_wanted: bool) -> None:
    reason = why_not_wanted(condition, only_if_not_empty=False, now=orders(5), before=orders(4))
    assert (reason == "") is is_wanted, reason


def test_who_wants_no_empty_report_and_no_unchanged_one_is_told_why() -> None:
    changed = {"figure": "Orders", "is": "changed"}
    empty = why_not_wanted({}, only_if_not_empty=True, now=Measured(0), before=None)
    assert empty == "It is empty, and is wanted only when it is not."
    same = why_not_wanted(changed, only_if_not_empty=False, now=orders(5), before=orders(5))
    assert same == '"Orders" is 5; it is wanted only when "Orders" has changed.'
    first = why_not_wanted(changed, only_if_not_empty=False, now=orders(5), before=None)
    assert first == ""


def test_pauses_grow_to_an_hour_and_end_after_a_day() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert [wait_after(tries).total_seconds() / 60 for tries in range(1, 9)] == [
        1, 2, 4, 8, 16, 32, 60, 60,
    ]  # fmt: skip
    assert next_try(1, now) == now + timedelta(minutes=1)
    waited, tries = timedelta(), 1
    while (again_at := next_try(tries, now)) is not None:
        waited, tries = waited + (again_at - now), tries + 1
    assert timedelta(hours=24) <= waited < timedelta(hours=25)
