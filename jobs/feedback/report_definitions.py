"""The report on what people wrote."""

from collections import Counter

from django.db.models import QuerySet
from django.utils import timezone

from jobs.feedback.models import FeedbackMessage, written_between
from jobs.reports.content import (
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Series,
    Table,
)
from jobs.reports.periods import Period, last_days
from jobs.reports.registry import report
from jobs.reports.values import ValueType

MOST_MESSAGES = 1000


@report(
    slug="feedback",
    title="Feedback",
    description="What people wrote through the feedback page in the last seven days.",
    period=last_days(7, timezone.get_default_timezone_name()),
)
def build(period: Period) -> Content:
    """Return the figures, the messages per day and the messages, newest first.

    Nothing in it changes later but by retention: the same period gives the same content.
    """
    written = written_between(period.start_at, period.end_at)
    messages = list(written.reverse()[:MOST_MESSAGES])
    count = written.count()
    figures = [
        Figure("Messages", count),
        Figure("People", written.order_by().values("email").distinct().count()),
    ]
    return Content(
        summary=_summary(count),
        blocks=[Figures(figures), _per_day(period, written), _table(count, messages)],
    )


def _summary(count: int) -> str:
    if count == 0:
        return "Nobody wrote in these seven days."
    return f"{count} {'message' if count == 1 else 'messages'} in seven days."


def _per_day(period: Period, written: QuerySet[FeedbackMessage]) -> Chart:
    zone = period.start.tzinfo
    instants = written.values_list("made_at", flat=True)
    counts = Counter(made_at.astimezone(zone).date() for made_at in instants)
    values = [float(counts[day]) for day in period.days]
    return Chart(
        title="Messages per day",
        kind=ChartKind.BAR,
        labels=[f"{day:%a} {day.day} {day:%b}" for day in period.days],
        series=[Series("Messages", values)],
        description=f"The most on one day were {max(values):.0f}.",
    )


def _table(count: int, messages: list[FeedbackMessage]) -> Table:
    cut = f"The newest {len(messages)} messages" if count > len(messages) else "Messages"
    columns = [
        Column("Received", ValueType.INSTANT),
        Column("Name"),
        Column("Address"),
        Column("Message"),
    ]
    rows = [
        (message.made_at, message.name or None, message.masked_email, message.message)
        for message in messages
    ]
    return Table(cut, columns, rows)
