"""What a digest tells about feedback."""

from datetime import datetime

from jobs.digests.registry import Line, Section, digest_section
from jobs.feedback.models import FeedbackMessage, written_between

SHOWN = 5


@digest_section(order=40, permission="feedback.view_feedbackmessage")
def new_feedback(since: datetime, until: datetime) -> Section | None:
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
