"""Sends the digests that are due."""

from collections import Counter

from celery import shared_task
from django.db.models import QuerySet

from jobs.digests.delivering import (
    deliver,
    due_deliveries,
    in_batches,
    make_deliveries,
    make_due_deliveries,
    waiting_deliveries,
)
from jobs.digests.models import Cadence, Delivery, DeliveryState
from jobs.digests.sections import SectionReader
from jobs.mails.sending import Post
from jobs.runs.current import due_at


class DigestsPostponedError(Exception):
    """The mail server did not take some digests now; later it may."""


@shared_task(name="digests.send_due")
def send_due() -> dict[str, int]:
    """Send a digest to everybody whose hour has come, by their own clock; for every 15 minutes.

    Returns how many digests ended in each state, and how many still wait: the next run tries
    them again. Raises DigestsPostponedError when the mail server is away.
    """
    now = due_at()
    make_due_deliveries(now)
    counts, is_away = _send_waiting(due_deliveries(now))
    waiting = due_deliveries(now).count()
    if is_away:
        raise _postponed(waiting, counts)
    still = {DeliveryState.WAITING.value: waiting} if waiting else {}
    return _in_states(counts) | still


@shared_task(
    name="digests.send",
    autoretry_for=(DigestsPostponedError,),
    max_retries=6,
    retry_backoff=30,
    retry_backoff_max=1800,
    retry_jitter=True,
)
def send(cadence: str = "daily") -> dict[str, int]:
    """Send each subscriber of this cadence, whatever their hour, what is new since their last one.

    Returns how many digests ended in each state. Raises DigestsPostponedError, for another try,
    when the mail server postponed some or is away; that try sends only to who did not get it.
    """
    if cadence not in Cadence.values:
        raise ValueError(
            f"There is no cadence {cadence!r}; use one of {', '.join(Cadence.values)}. "
            'Correct the argument "cadence" of the schedule.'
        )
    until = due_at()
    make_deliveries(cadence, until)
    counts, _ = _send_waiting(waiting_deliveries(cadence, until))
    waiting = waiting_deliveries(cadence, until).count()
    if waiting:
        raise _postponed(waiting, counts)
    return _in_states(counts)


def _send_waiting(
    waiting: QuerySet[Delivery],
) -> tuple[Counter[DeliveryState], bool]:
    """Return how many of the waiting digests went into which state, and whether nobody listened."""
    counts: Counter[DeliveryState] = Counter()
    reader = SectionReader()
    with Post() as post:
        for delivery in in_batches(waiting):
            state = deliver(delivery, post, reader)
            if state is not None:
                counts[state] += 1
            if post.is_away:
                break
    return counts, post.is_away


def _in_states(counts: Counter[DeliveryState]) -> dict[str, int]:
    ends = (state for state in DeliveryState if state is not DeliveryState.WAITING)
    return {state.value: counts[state] for state in ends if counts[state]}


def _postponed(waiting: int, counts: Counter[DeliveryState]) -> DigestsPostponedError:
    return DigestsPostponedError(
        f"{waiting} digests still wait, because the mail server did not take them or another "
        f"worker has them; {counts[DeliveryState.SENT]} were sent. "
        "What the server said stands at each delivery."
    )
