"""Limits: who of the runs that ask may go now, by slots and by rate."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.limits import Limits
from jobs.runs.limits.deciding import Asking, Standing, Verdict, decide
from jobs.runs.limits.rates import TOLERANCE, Places, holds, take
from jobs.runs.states import WAITS_FOR_RATE, WAITS_FOR_SLOT

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def asking(**values: Any) -> Asking:
    """Return a run that asks to go."""
    limits = Limits(**{"concurrency": 2, **values.pop("limits", {})})
    run = Asking(uuid4(), 1, "feed:7", limits, NOW, "")
    return run._replace(**values)


def slots(verdicts: list[Verdict]) -> list[int | None]:
    """Return the slot of each verdict."""
    return [verdict.slot for verdict in verdicts]


def test_as_many_go_as_there_are_slots_in_the_order_in_which_they_ask() -> None:
    verdicts = decide([asking() for _ in range(4)], Standing(), NOW)
    assert slots(verdicts) == [0, 1, None, None]
    assert verdicts[2].reason == WAITS_FOR_SLOT
    assert verdicts[2].reason_text == (
        'It waits: 2 runs of "feed:7" are under way, and at most 2 may be.'
    )


def test_the_slot_that_is_free_is_taken() -> None:
    standing = Standing(held={"feed:7": {0: uuid4(), 2: uuid4()}})
    runs = [asking(limits={"concurrency": 4}) for _ in range(3)]
    assert slots(decide(runs, standing, NOW)) == [1, 3, None]


def test_keys_are_in_nobodys_way() -> None:
    runs = [asking(key=f"feed:{number}") for number in (1, 2, 3)]
    assert slots(decide(runs, Standing(), NOW)) == [0, 0, 0]


def test_who_has_a_slot_goes_without_asking() -> None:
    run = asking()
    assert decide([run], Standing(held={"feed:7": {0: uuid4(), 1: run.id}}), NOW) == []


def test_a_limit_that_was_lowered_lets_nobody_go_before_enough_have_ended() -> None:
    held: dict[int, UUID] = {3: uuid4(), 4: uuid4()}
    [verdict] = decide([asking()], Standing(held={"feed:7": held}), NOW)
    assert verdict.reason == WAITS_FOR_SLOT
    del held[3]
    assert slots(decide([asking()], Standing(held={"feed:7": held}), NOW)) == [0]


def test_nobody_overtakes_one_that_has_waited_for_longer() -> None:
    standing = Standing(first_waiting_at={"feed:7": NOW - SECOND})
    [verdict] = decide([asking()], standing, NOW)
    assert (verdict.reason, "waited for longer" in verdict.reason_text) == (WAITS_FOR_SLOT, True)
    assert slots(decide([asking(publish_at=NOW - SECOND)], standing, NOW)) == [0]


def test_runs_beyond_the_rate_get_the_next_places_in_order() -> None:
    runs = [asking(limits={"concurrency": None, "rate": "10/s"}) for _ in range(3)]
    verdicts = decide(runs, Standing(), NOW)
    assert [verdict.publish_at - NOW for verdict in verdicts] == [
        0 * SECOND,
        SECOND / 10,
        SECOND / 5,
    ]
    assert [verdict.reason for verdict in verdicts] == ["", WAITS_FOR_RATE, WAITS_FOR_RATE]
    assert verdicts[1].reason_text == 'It waits for its turn: of "feed:7" 10/s may start.'


def test_a_run_whose_place_has_come_takes_no_other() -> None:
    standing = Standing(places={"feed:7": Places(NOW + 60 * SECOND, NOW)})
    run = asking(reason=WAITS_FOR_RATE, limits={"rate": "1/s"})
    assert slots(decide([run], standing, NOW)) == [0]
    assert standing.places["feed:7"].next_at == NOW + 60 * SECOND


def test_a_place_that_is_long_past_is_void() -> None:
    late = NOW - TOLERANCE - SECOND
    runs = [
        asking(reason=WAITS_FOR_RATE, publish_at=late, limits={"rate": "1/s"}) for _ in range(3)
    ]
    reasons = [verdict.reason for verdict in decide(runs, Standing(), NOW)]
    assert reasons == ["", WAITS_FOR_RATE, WAITS_FOR_RATE]
    assert not holds(late, NOW)


def test_who_waits_for_a_slot_takes_no_place_and_the_reverse() -> None:
    limits = {"concurrency": 1, "rate": "1/s"}
    standing = Standing(held={"feed:7": {0: uuid4()}})
    decide([asking(limits=limits)], standing, NOW)
    assert standing.places == {}
    standing = Standing(places={"feed:7": Places(NOW + SECOND, NOW)})
    decide([asking(limits=limits)], standing, NOW)
    assert standing.held == {}


def test_a_clock_that_was_set_back_by_an_hour_makes_nobody_wait_for_an_hour() -> None:
    places: Places | None = None
    for _ in range(5):
        _, places = take(places, NOW + 3600 * SECOND, SECOND)
    went = []
    for _ in range(3):
        go_at, places = take(places, NOW, SECOND)
        went.append(go_at - NOW)
    assert went == [5 * SECOND, 6 * SECOND, 7 * SECOND]


@given(
    st.lists(st.integers(0, 5_000), min_size=1, max_size=50),
    st.lists(st.integers(-1_900, 1_900), min_size=50, max_size=50),
    st.integers(1, 3_000),
)
def test_places_of_a_key_are_a_period_apart_however_clocks_differ(
    pauses: list[int], differences: list[int], period_milliseconds: int
) -> None:
    period = timedelta(milliseconds=period_milliseconds)
    places: Places | None = None
    true_now, given_before = NOW, None
    for pause, difference in zip(pauses, differences, strict=False):
        true_now += timedelta(milliseconds=pause)
        clock = true_now + timedelta(milliseconds=difference / 2)
        go_at, places = take(places, clock, period)
        assert go_at >= clock
        assert given_before is None or go_at - given_before >= period
        given_before = go_at


@given(st.lists(st.integers(-100_000, 100_000), min_size=2, max_size=50))
def test_whatever_the_clock_does_the_backlog_grows_by_one_period_for_each_run(
    steps: list[int],
) -> None:
    places: Places | None = None
    now = NOW
    for count, step in enumerate(steps, start=1):
        now += timedelta(seconds=step)
        go_at, places = take(places, now, SECOND)
        assert go_at - now <= count * (SECOND + TOLERANCE)
