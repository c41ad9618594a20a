"""Waiting for a fact instead of sleeping for a guess."""

import time
from collections.abc import Callable


def wait_until(
    predicate: Callable[[], object], what_for: str, timeout_seconds: float = 30.0
) -> None:
    """Return when `predicate()` is true; fail with `what_for` after `timeout_seconds`.

    An AssertionError raised by the predicate counts as "not yet" and is shown on failure.
    """
    give_up_at = time.monotonic() + timeout_seconds
    last_failure = ""
    while True:
        try:
            if predicate():
                return
        except AssertionError as failure:
            last_failure = f" (last: {failure})"
        if time.monotonic() > give_up_at:
            raise AssertionError(f"waited {timeout_seconds:g} s for {what_for}{last_failure}")
        time.sleep(0.05)
