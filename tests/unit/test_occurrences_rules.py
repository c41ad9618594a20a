"""The occurrences of intervals, of one instant, and of the sun."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from celery import schedules
from hypothesis import given
from hypothesis import strategies as st

from beat.occurrences import RuleError, clocked, interval, solar
from beat.occurrences.interval import PERIODS
from beat.occurrences.solar import EVENTS, ephem

ANCHOR = datetime(2026, 3, 28, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
YEAR = 366 * DAY
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN, TROMSO, USHUAIA = (52.52, 13.4), (69.65, 18.95), (-54.8, -68.3)
FIJI, EQUATOR = (-18.1, 178.4), (0.0, -180.0)


def test_an_interval_counts_from_its_anchor() -> None:
    rule = interval(7, "minutes", ANCHOR)
    late = ANCHOR + timedelta(minutes=20, seconds=3)
    assert rule.next(ANCHOR) == ANCHOR + timedelta(minutes=7)
    assert rule.next(late) == ANCHOR + timedelta(minutes=21)


def test_an_anchor_is_an_instant_only_when_asked_for() -> None:
    before = ANCHOR - DAY
    assert interval(1, "hours", ANCHOR).next(before) == ANCHOR + timedelta(hours=1)
    assert interval(1, "hours", ANCHOR, includes_anchor=True).next(before) == ANCHOR


def test_a_day_of_an_interval_is_24_hours_also_where_the_clock_changes() -> None:
    rule = interval(1, "days", ANCHOR)
    assert list(rule.between(ANCHOR, ANCHOR + 2 * DAY)) == [ANCHOR + DAY, ANCHOR + 2 * DAY]


def test_counting_a_long_gap_of_a_tiny_interval_is_arithmetic() -> None:
    rule = interval(1, "microseconds", ANCHOR)
    assert rule.count_between(ANCHOR, ANCHOR + YEAR) == 366 * 86_400 * 1_000_000
    assert rule.count_between(ANCHOR + DAY, ANCHOR) == 0


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_of_the_schedule_form_is_known(period: str) -> None:
    assert interval(3, period, ANCHOR).next(ANCHOR) == ANCHOR + timedelta(**{period: 3})


@pytest.mark.parametrize(
    ("every", "period", "sentence"),
    [
        (0, "days", "The interval is 0 days; it must be at least 1."),
        (-5, "hours", "must be at least 1"),
        (1, "weeks", "The period 'weeks' is unknown; choose one of days, hours"),
        (2**31, "days", "too long"),
    ],
)
def test_an_impossible_interval_is_refused(every: int, period: str, sentence: str) -> None:
    with pytest.raises(RuleError, match=sentence):
        interval(every, period, ANCHOR)


def test_an_interval_beyond_the_calendar_has_no_next_one() -> None:
    rule = interval(999_999_999, "days", ANCHOR)
    assert rule.next(ANCHOR) is None
    assert list(rule.between(ANCHOR, ANCHOR + YEAR)) == []


@given(
    st.integers(1, 10_000),
    st.sampled_from(["seconds", "minutes", "hours"]),
    st.timedeltas(-DAY, 10 * DAY),
    st.timedeltas(timedelta(0), timedelta(minutes=10)),
)
def test_an_interval_agrees_with_itself(
    every: int, period: str, begin: timedelta, length: timedelta
) -> None:
    rule = interval(every, period, ANCHOR)
    after = ANCHOR + begin
    until = after + length
    found = list(rule.between(after, until))
    assert len(found) == rule.count_between(after, until)
    assert found == sorted(set(found))
    assert all(after < due <= until and (due - ANCHOR) % rule.every == DAY * 0 for due in found)
    assert found[:1] == [due for due in [rule.next(after)] if due is not None and due <= until]


def test_a_clocked_rule_is_due_once() -> None:
    rule = clocked(ANCHOR)
    assert rule.next(ANCHOR - SECOND) == ANCHOR
    assert rule.next(ANCHOR) is None
    assert list(rule.between(ANCHOR - DAY, ANCHOR)) == [ANCHOR]
    assert list(rule.between(ANCHOR, ANCHOR + DAY)) == []
    assert (rule.count_between(ANCHOR - DAY, ANCHOR), rule.count_between(ANCHOR, ANCHOR)) == (1, 0)


def found_by_celery(event: str, place: tuple[float, float], days: int) -> list[datetime]:
    """Return Celery's instants, each searched from a second after the one before."""
    # Its types know neither the search nor that an event's name comes from a list.
    celery_solar: Any = schedules.solar
    rule = celery_solar(event, *place)
    found = [NEW_YEAR]
    while found[-1] < NEW_YEAR + days * DAY:
        next_event = rule._next_event(ephem.Date(found[-1] + SECOND))
        found.append(next_event.datetime().replace(tzinfo=UTC))
    return found[1:-1]


@pytest.mark.parametrize("place", [BERLIN, TROMSO, USHUAIA, FIJI, EQUATOR], ids=str)
@pytest.mark.parametrize("event", EVENTS)
def test_the_sun_is_where_celery_sees_it(event: str, place: tuple[float, float]) -> None:
    expected = found_by_celery(event, place, 400)
    found = list(solar(event, *place).between(NEW_YEAR, NEW_YEAR + 400 * DAY))
    assert len(found) == len(expected)
    assert all(abs(a - b) <= SECOND for a, b in zip(found, expected, strict=True))


def test_the_sun_does_not_rise_in_polar_night_and_is_waited_for() -> None:
    sunrises = list(solar("sunrise", *TROMSO).between(NEW_YEAR, NEW_YEAR + YEAR))
    longest = max(later - earlier for earlier, later in pairwise(sunrises))
    assert sunrises[0].date() == datetime(2026, 1, 15, tzinfo=UTC).date()
    assert timedelta(days=45) < longest < timedelta(days=75)


def test_an_event_of_the_sun_that_never_comes_is_no_endless_search() -> None:
    assert solar("dusk_astronomical", 90, 0).next(NEW_YEAR) is None


def test_beats_that_look_at_different_times_see_the_same_sunset() -> None:
    rule = solar("sunset", *BERLIN)
    due = rule.next(NEW_YEAR)
    assert due is not None
    assert due.microsecond == 0
    assert {rule.next(NEW_YEAR + timedelta(minutes=minute)) for minute in range(900)} == {due}
    assert rule.next(due) != due


@pytest.mark.parametrize(
    ("event", "latitude", "longitude", "sentence"),
    [
        ("moonrise", 0, 0, "The solar event 'moonrise' is unknown; choose one of"),
        ("sunset", 91, 0, "The latitude is 91; it must be from -90 to 90 degrees."),
        ("sunset", 0, -181, "The longitude is -181; it must be from -180 to 180 degrees."),
        ("sunset", float("nan"), 0, "The latitude is nan"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(
    event: str, latitude: float, longitude: float, sentence: str
) -> None:
    with pytest.raises(RuleError, match=sentence):
        solar(event, latitude, longitude)


@pytest.mark.parametrize("event", ["sunrise", "dawn_civil", "solar_noon"])
def test_the_ends_of_the_calendar_are_no_error_to_the_sun(event: str) -> None:
    rule = solar(event, *BERLIN)
    assert rule.next(datetime.max.replace(tzinfo=UTC)) is None
    assert rule.next(datetime.min.replace(tzinfo=UTC)) is not None
