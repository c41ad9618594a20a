"""Thanking: at once by a task per message, and by a sweep for those who still wait."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from jobs.feedback.models import FeedbackMessage, Thanks
from jobs.feedback.thanking import thank_once
from jobs.mails.outcomes import Result
from jobs.mails.sending import Post

SWEEP_SIZE = 100


class ThanksPostponedError(Exception):
    """The mail server did not take the mail now; later it may."""


@shared_task(
    name="feedback.thank",
    autoretry_for=(ThanksPostponedError,),
    max_retries=5,
    retry_backoff=5,
    retry_backoff_max=300,
    retry_jitter=True,
)
def thank(message_id: int) -> dict[str, Any]:
    """Send the thank-you mail of this message unless it is sent or refused already.

    Raises ThanksPostponedError, for another try with a growing wait, when the server is away.
    """
    with Post() as post:
        outcome = thank_once(message_id, post, timezone.now())
    if outcome is None:
        return {"result": "nothing to do: it is thanked for, refused or deleted"}
    if outcome.result in (Result.POSTPONED, Result.UNREACHABLE):
        raise ThanksPostponedError(
            f"The mail server did not take the mail: {outcome.words}. "
            "It is tried again, and after that by the schedule of feedback.thank_waiting."
        )
    return {"result": outcome.result, "words": outcome.words}


@shared_task(name="feedback.thank_waiting")
def thank_waiting() -> dict[str, int]:
    """Thank whoever still waits, the longest waiting first, at most SWEEP_SIZE per run.

    Messages that the server postpones wait longer each time, up to an hour.
    """
    counts = dict.fromkeys(Result, 0)
    with Post() as post:
        for message_id in _waiting_messages():
            outcome = thank_once(message_id, post, timezone.now())
            if outcome is not None:
                counts[outcome.result] += 1
            if post.is_away:
                break
    return {result.value: count for result, count in counts.items()}


def _waiting_messages() -> list[int]:
    waiting = FeedbackMessage.objects.filter(
        thanks=Thanks.WAITING, try_again_at__lte=timezone.now()
    )
    return list(waiting.order_by("try_again_at").values_list("pk", flat=True)[:SWEEP_SIZE])
