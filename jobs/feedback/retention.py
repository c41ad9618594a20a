"""How long messages are kept."""

from datetime import datetime, timedelta

from django.conf import settings

from jobs.cleanup.registry import Batch, batch_of, retention_rule
from jobs.feedback.models import FeedbackMessage


@retention_rule(
    "feedback messages",
    f"deletes feedback messages older than {settings.FEEDBACK_RETENTION_DAYS} days",
)
def old_messages(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the oldest messages, whether thanked or not."""
    made_before = now - timedelta(days=settings.FEEDBACK_RETENTION_DAYS)
    old = FeedbackMessage.objects.filter(made_at__lt=made_before).order_by("made_at")
    return batch_of(old, limit, dry_run, in_words=_in_words)


def _in_words(message: FeedbackMessage) -> str:
    """Return what a log may say about a message: nothing of what the person wrote."""
    return f"message {message.pk} of {message.made_at:%Y-%m-%d}"
