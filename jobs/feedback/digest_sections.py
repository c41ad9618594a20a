"""What a digest tells about feedback."""

from datetime import datetime

from django.contrib.auth.models import User

from jobs.digests.registry import Asked, Line, Section, personal_section
from jobs.feedback.models import FeedbackMessage, written_between

SHOWN = 5
READS_FEEDBACK = "feedback.view_feedbackmessage"


@personal_section(order=40)
def new_feedback(asked: Asked) -> Section | None:
    """Return the newest messages of the span, for who may read them."""
    if asked.person.pk not in asked.remembered(readers):
        return None
    return asked.remembered(messages_between, asked.since, asked.until)


def readers() -> frozenset[int]:
    """Return the keys of the people who may read feedback."""
    backend = "django.contrib.auth.backends.ModelBackend"
    return frozenset(
        User.objects.with_perm(READS_FEEDBACK, backend=backend).values_list("pk", flat=True)
    )


def messages_between(since: datetime, until: datetime) -> Section | None:
    """Return the newest messages of the span, without whole addresses."""
    messages = written_between(since, until)
    newest = list(messages.reverse()[:SHOWN])
    if not newest:
        return None
    lines = [_line(message) for message in newest]
    hidden = messages.count() - len(newest)
    if hidden:
        lines.append(Line(f"And {hidden} more."))
    return Section("New feedback", lines)


def _line(message: FeedbackMessage) -> Line:
    sender = f"{message.name}, {message.masked_email}" if message.name else message.masked_email
    return Line(message.excerpt, detail=f"{sender}, {message.made_at:%Y-%m-%d %H:%M} UTC")
