"""Sends the digests that are due."""

from collections import Counter
from datetime import datetime

from celery import shared_task

from jobs.digests.delivering import deliver, in_batches, make_deliveries, waiting_deliveries
from jobs.digests.models import Cadence, DeliveryState
from jobs.digests.writing import remembering_reader
from jobs.mails.sending import Post
from jobs.runs.current import due_at


class DigestsPostponedError(Exception):
    """The mail server did not take some digests now; later it may."""


@shared_task(
    name="digests.send",
    autoretry_for=(DigestsPostponedError,),
    max_retries=6,
    retry_backoff=30,
    retry_backoff_max=1800,
    retry_jitter=True,
)
def send(cadence: str = "daily") -> dict[str, int]:
    """Send each subscriber of this cadence what is new since their last digest.

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
    counts = _send_waiting(cadence, until)
    waiting = waiting_deliveries(cadence, until).count()
    if waiting:
        raise DigestsPostponedError(
            f"{waiting} digests still wait, because the mail server did not take them or another "
            f"worker has them; {counts[DeliveryState.SENT]} were sent. "
            "What the server said stands at each delivery."
        )
    return {state.value: counts[state] for state in DeliveryState if counts[state]}


def _send_waiting(cadence: str, until: datetime) -> Counter[DeliveryState]:
    """Return how many of the waiting digests went into which state."""
    counts: Counter[DeliveryState] = Counter()
    reader = remembering_reader()
    with Post() as post:
        for delivery in in_batches(waiting_deliveries(cadence, until)):
            state = deliver(delivery, post, reader)
            if state is not None:
                counts[state] += 1
            if post.is_away:
                break
    return counts
