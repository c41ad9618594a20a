"""The rule of another attempt: how often, after what, and when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jobs.runs.retrying import JITTER, Retries, RetriesError, is_among, names_of

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RUN = UUID(int=7)


def test_the_pause_doubles_up_to_the_longest_give_or_take_the_jitter() -> None:
    rule = Retries(max_attempts=9, backoff_seconds=10, longest_backoff_seconds=60)
    for failures, seconds in ((1, 10), (2, 20), (3, 40), (4, 60), (8, 60), (5_000, 60)):
        pause = rule.pause_seconds(RUN, failures)
        assert seconds * (1 - JITTER) <= pause <= seconds * (1 + JITTER)


def test_the_pause_is_the_same_for_all_who_ask_and_differs_from_run_to_run() -> None:
    rule = Retries(backoff_seconds=100)
    assert rule.pause_seconds(RUN, 1) == rule.pause_seconds(RUN, 1)
    assert len({rule.pause_seconds(UUID(int=number), 1) for number in range(50)}) == 50


def test_a_rule_without_a_pause_asks_for_the_next_attempt_at_once() -> None:
    assert Retries(backoff_seconds=0).next_publish_at(RUN, 3, NOW) == NOW
    after = Retries(backoff_seconds=60).next_publish_at(RUN, 1, NOW)
    assert timedelta(seconds=45) <= after - NOW <= timedelta(seconds=75)


def test_so_many_attempts_are_allowed_and_no_more() -> None:
    rule = Retries(max_attempts=3)
    assert [rule.allows(failures, OSError()) for failures in (1, 2, 3)] == [True, True, False]
    assert not Retries(max_attempts=1).allows(1, OSError())


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), True),
        ((OSError,), True),
        (("OSError",), True),
        (("builtins.OSError",), True),
        ((ConnectionError,), True),
        (("  ConnectionResetError ",), True),
        ((ValueError,), False),
        (("requests.exceptions.Timeout",), False),
        (("ValueError", "OSError"), True),
    ],
)
def test_an_error_is_among_its_kinds_by_class_or_name(
    kinds: tuple[type[BaseException] | str, ...], expected: bool
) -> None:
    assert is_among(ConnectionResetError("gone"), kinds) is expected
    assert is_among(ConnectionResetError("gone"), names_of(kinds)) is expected


@pytest.mark.parametrize(
    "wrong", [{"max_attempts": 0}, {"backoff_seconds": -1}, {"longest_backoff_seconds": 10**6}]
)
def test_a_rule_that_cannot_be_meant_is_refused_with_what_to_write(wrong: dict[str, int]) -> None:
    with pytest.raises(RetriesError, match="write"):
        Retries(**wrong)  # type: ignore[arg-type]
