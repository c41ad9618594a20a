"""What the message of a call says about its run."""

from typing import Any

import pytest
from celery.app.task import Context

from jobs.runs.message_headers import ATTEMPT_HEADER, DUE_AT_HEADER, SCHEDULE_HEADER
from jobs.runs.worker.seam.arriving import attempt_of, message_of
from jobs.runs.worker.seam.retry_asked import is_own_retry

RUN_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


def call(**changes: Any) -> Context:
    """Return what Celery knows of an ad-hoc call."""
    return Context({"id": RUN_ID, "retries": 0, "args": [1], "kwargs": {}, **changes})


@pytest.mark.parametrize(
    ("values", "attempt"),
    [
        ({"retries": 0}, 1),
        ({"retries": 3}, 4),
        ({"retries": 0, "headers": {ATTEMPT_HEADER: 7}}, 7),
        ({"retries": 0, ATTEMPT_HEADER: 7}, 7),
    ],
)
def test_the_attempt_is_the_messages_own_number_else_follows_celerys_retries(
    values: dict[str, Any], attempt: int
) -> None:
    assert attempt_of(call(**values)) == attempt


def test_our_own_headers_are_not_among_what_is_sent_again() -> None:
    ours = {ATTEMPT_HEADER: 2, SCHEDULE_HEADER: "nightly"}
    assert message_of("tests.add", call(headers={**ours, "trace": "x"})).headers == {"trace": "x"}


def test_a_message_of_beat_says_only_who_asks() -> None:
    sent = message_of("tests.add", call(headers={DUE_AT_HEADER: "2026-03-01T12:00:00+00:00"}))
    assert (sent.args, sent.kwargs, sent.queue) == ([], {}, "")


def test_a_call_whose_id_is_no_uuid_is_not_whole() -> None:
    assert message_of("tests.add", call()).is_whole
    assert not message_of("tests.add", call(id="chosen by hand")).is_whole


def test_arguments_that_are_not_json_are_shortened_and_the_call_is_not_whole() -> None:
    sent = message_of("tests.add", call(args=[{1, 2}]))
    assert not sent.is_whole
    assert "1, 2" in str(sent.args)


@pytest.mark.parametrize(
    ("task_id", "retries", "is_own"),
    [(RUN_ID, 1, True), ("another call", 1, False), (RUN_ID, 0, False), (RUN_ID, None, False)],
)
def test_only_the_next_attempt_of_the_running_task_itself_is_its_own_retry(
    task_id: str, retries: int | None, is_own: bool
) -> None:
    running = call(is_started=True)
    assert is_own_retry(running, task_id, {"retries": retries}) is is_own
    assert not is_own_retry(call(), task_id, {"retries": retries})
