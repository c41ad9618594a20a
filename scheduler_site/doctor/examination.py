"""Runs checks side by side, none longer than its time, none able to break the others."""

import logging
import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread

from scheduler_site.doctor.findings import Finding, problem
from scheduler_site.doctor.wording import reason

logger = logging.getLogger(__name__)

Check = Callable[[], list[Finding]]
Answer = SimpleQueue[list[Finding]]


def examine(checks: Mapping[str, Check], limit_seconds: float) -> list[Finding]:
    """Return the findings of all checks, in their order; takes `limit_seconds` at the most."""
    answers = {name: _begin(name, check) for name, check in checks.items()}
    give_up_at = time.monotonic() + limit_seconds
    return [
        finding
        for name, answer in answers.items()
        for finding in _collect(name, answer, give_up_at, limit_seconds)
    ]


def _begin(name: str, check: Check) -> Answer:
    answer: Answer = SimpleQueue()
    # A daemon: a check that hangs in a C library must not keep the command from ending.
    Thread(target=_run, args=(name, check, answer), name=f"doctor-{name}", daemon=True).start()
    return answer


def _run(name: str, check: Check, answer: Answer) -> None:
    try:
        answer.put(check())
    except Exception as error:
        logger.debug("a check failed", exc_info=True, extra={"check": name})
        answer.put([_unexpected(name, error)])


def _unexpected(name: str, error: Exception) -> Finding:
    return problem(
        name,
        f"This check failed in a way nobody foresaw ({type(error).__name__}: {reason(error)}).",
        "LOG_LEVEL=DEBUG shows its traceback.",
    )


def _collect(name: str, answer: Answer, give_up_at: float, limit_seconds: float) -> list[Finding]:
    try:
        return answer.get(timeout=max(0.0, give_up_at - time.monotonic()))
    except Empty:
        return [
            problem(
                name,
                f"No answer within {limit_seconds:g} seconds.",
                "Look whether the network drops packets instead of refusing them.",
            )
        ]
