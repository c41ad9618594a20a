"""How long messages are kept."""

from datetime import datetime

from django.conf import settings

from jobs.cleanup.registry import Batch, Kept, batch_of, retention_rule
from jobs.feedback.models import FeedbackMessage

MESSAGES = Kept(days=settings.FEEDBACK_RETENTION_DAYS)


@retention_rule("feedback messages", "deletes feedback messages older than {days}", MESSAGES)
def old_messages(now: datetime, limit: int, dry_run: bool, kept: Kept = MESSAGES) -> Batch:
    """Delete the oldest messages, whether thanked or not."""
    old = FeedbackMessage.objects.filter(made_at__lt=kept.before(now)).order_by("made_at")
    return batch_of(old, limit, dry_run, in_words=_in_words)


def _in_words(message: FeedbackMessage) -> str:
    """Return what a log may say about a message: nothing of what the person wrote."""
    return f"message {message.pk} of {message.made_at:%Y-%m-%d}"
