"""A task for real workers that is its own witness: it writes down when it was at work.

The evidence lies in Redis, beside the ledger and whatever the broker is: a list per run, to which
each execution adds a line when it begins, every few hundredths of a second, and at its end.
"""

import itertools
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from secrets import token_hex

from celery import current_task, shared_task
from django.conf import settings
from redis import Redis

from jobs.runs.worker.liveness.own_row import OwnRow
from jobs.runs.worker.seam.arriving import attempt_of

EVIDENCE = "tests:evidence"
SIGN_EVERY_SECONDS = 0.02


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL)


@shared_task(name="tests.witness")
def witness(seconds: float, again_seconds: float | None = None) -> None:
    """Work for so long, and for `again_seconds` when it is not the first attempt."""
    if again_seconds is not None and attempt_of(current_task.request) > 1:
        seconds = again_seconds
    execution = token_hex(4)
    give_sign(execution, "begin")
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        time.sleep(SIGN_EVERY_SECONDS)
        give_sign(execution, "alive")
    give_sign(execution, "end")


@shared_task(name="tests.witness_late", acks_late=True)
def witness_late(seconds: float, again_seconds: float | None = None) -> None:
    """Do the same, with a message that the broker keeps until the end."""
    witness.run(seconds, again_seconds)


@shared_task(name="tests.stop_heart")
def stop_heart(*_: object) -> None:
    """Let the heartbeat of this process hang for ever, as a connection may that nobody answers."""
    OwnRow.beat = lambda *_: threading.Event().wait()  # type: ignore[method-assign]


def give_sign(execution: str, what: str) -> None:
    """Add a line to the evidence."""
    line = [str(current_task.request.id), execution, what, time.time()]
    _redis().rpush(EVIDENCE, json.dumps(line))


@dataclass
class Execution:
    """An execution of a run: when it gave its first and last sign, and whether it was done."""

    run_id: str
    began_at: float
    last_sign_at: float
    is_done: bool = False


def executions(redis_url: str) -> dict[str, list[Execution]]:
    """Return the executions of every run by its id, the earliest first."""
    with Redis.from_url(redis_url) as client:
        lines = [json.loads(line) for line in client.lrange(EVIDENCE, 0, -1)]
    found: dict[str, Execution] = {}
    for run_id, execution, what, at in lines:
        one = found.setdefault(execution, Execution(run_id, at, at))
        one.last_sign_at, one.is_done = at, what == "end"
    by_run: defaultdict[str, list[Execution]] = defaultdict(list)
    for one in sorted(found.values(), key=lambda each: each.began_at):
        by_run[one.run_id].append(one)
    return dict(by_run)


def overlaps(by_run: dict[str, list[Execution]]) -> list[str]:
    """Return the runs of which two executions were at work at the same time."""
    return [
        f"{run_id}: until {earlier.last_sign_at}, from {later.began_at}"
        for run_id, each in by_run.items()
        for earlier, later in itertools.pairwise(each)
        if later.began_at <= earlier.last_sign_at
    ]


def repeated(by_run: dict[str, list[Execution]]) -> list[str]:
    """Return the runs that were executed again after an execution had come to its end."""
    return [run_id for run_id, each in by_run.items() if any(one.is_done for one in each[:-1])]


def longest_wait_seconds(by_run: dict[str, list[Execution]]) -> float:
    """Return the longest that a run waited between the end of an execution and the next one."""
    return max(
        (
            later.began_at - earlier.last_sign_at
            for each in by_run.values()
            for earlier, later in itertools.pairwise(each)
        ),
        default=0.0,
    )
