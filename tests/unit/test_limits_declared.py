"""Limits: what a task may declare, and the key that a call of it has."""

from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.limits import Limits, LimitsError
from jobs.runs.limits.declared import KEY_LENGTH


def fetch(feed_id: int, page: int = 1, *pages: int, force: bool = False, **others: Any) -> None:
    """Stand for a task."""


@pytest.mark.parametrize(
    ("rate", "seconds"), [("10/s", 0.1), ("100/m", 0.6), ("5/h", 720), ("1/s", 1)]
)
def test_a_rate_is_a_distance_between_two_starts(rate: str, seconds: float) -> None:
    assert Limits(rate=rate).period == timedelta(seconds=seconds)


@pytest.mark.parametrize("rate", ["", "10", "0/s", "-1/s", "1.5/s", "10/d", "10 / s", "9999999/s"])
def test_a_rate_that_cannot_be_read_is_refused(rate: str) -> None:
    with pytest.raises(LimitsError, match='write "10/s", "100/m" or "5/h"'):
        Limits(rate=rate)


@pytest.mark.parametrize("concurrency", [0, -1, 10_001])
def test_a_concurrency_out_of_bounds_is_refused(concurrency: int) -> None:
    with pytest.raises(LimitsError, match="write 1 to 10000"):
        Limits(concurrency=concurrency)


def test_limits_that_limit_nothing_are_refused() -> None:
    with pytest.raises(LimitsError, match="concurrency=, rate= or both"):
        Limits(key="feed:{feed_id}")


@pytest.mark.parametrize("key", ["{", "{}", "{0}", "{feed.id}", "{feed[id]}", "{feed!r}", "{a:>9}"])
def test_a_key_that_names_no_parameter_is_refused(key: str) -> None:
    with pytest.raises(LimitsError, match="Write the parameters of the task in braces"):
        Limits(concurrency=1, key=key)


@pytest.mark.parametrize("name", ["feed", "pages", "others"])
def test_a_name_that_the_function_does_not_have_is_refused(name: str) -> None:
    limits = Limits(concurrency=1, key=f"feed:{{{name}}}")
    with pytest.raises(LimitsError, match=f'"{name}".* It has: feed_id, page, force'):
        limits.require_names("feeds.fetch", fetch)


@pytest.mark.parametrize("bind", [False, True])
def test_a_task_is_refused_when_it_is_defined_with_a_wrong_name(bind: bool) -> None:
    app = Celery("limits", task_cls="jobs.runs.worker.seam.task:RecordedTask", set_as_current=False)

    def send(person: int) -> None:
        """Stand for a task without `self`."""

    def send_bound(self: Any, person: int) -> None:
        """Stand for a task with `self`."""

    def define(key: str) -> Any:
        limits = Limits(concurrency=1, key=key)
        # Shared, it would be defined again in every other app of the process.
        task: Any = app.task(  # type: ignore[call-overload]
            limits=limits, bind=bind, lazy=False, name=key, shared=False
        )
        return task(send_bound if bind else send)

    with pytest.raises(LimitsError, match='no parameter "feed_id"'):
        define("feed:{feed_id}")
    with pytest.raises(LimitsError, match='no parameter "self"'):
        define("{self}")
    assert define("mail:{person}").limits.names == {"person"}


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [([7], {}), ([], {"feed_id": 7}), ([7, 2, 3], {}), (["7"], {"force": True, "extra": 1})],
)
def test_the_key_is_made_of_the_parameters_however_they_are_given(args: Any, kwargs: Any) -> None:
    limits = Limits(concurrency=1, key="feed:{feed_id}")
    assert limits.key_of("feeds.fetch", fetch, args, kwargs) == "feed:7"


def test_a_parameter_that_is_left_out_counts_with_its_default() -> None:
    limits = Limits(concurrency=1, key="{feed_id}:{page}:{force}")
    assert limits.key_of("feeds.fetch", fetch, [7], {}) == "7:1:False"


def test_a_task_without_a_key_has_one_for_all_its_calls() -> None:
    assert Limits(concurrency=1).key_of("feeds.fetch", fetch, "shortened", None) == "feeds.fetch"
    assert Limits(concurrency=1, key="{{a}}").key_of("feeds.fetch", fetch, [], {}) == "{a}"


@pytest.mark.parametrize(
    ("args", "kwargs"), [([], {}), ([1], {"feed_id": 1}), ("shortened", {}), ([1], "shortened")]
)
def test_arguments_that_do_not_fit_have_no_key(args: Any, kwargs: Any) -> None:
    limits = Limits(concurrency=1, key="feed:{feed_id}")
    assert limits.key_of("feeds.fetch", fetch, args, kwargs) is None


@given(st.text(min_size=0, max_size=400), st.text(min_size=0, max_size=400))
def test_keys_fit_their_column_and_stay_apart(one: str, other: str) -> None:
    def key(value: str) -> str:
        made = Limits(concurrency=1, key="x{feed_id}").key_of("fetch", fetch, [value], {})
        assert made is not None
        return made

    assert len(key(one)) <= KEY_LENGTH
    assert "\0" not in key(one)
    assert key(one).encode().decode() == key(one)
    if "\0" not in one + other:
        assert (key(one) == key(other)) == (one == other)
