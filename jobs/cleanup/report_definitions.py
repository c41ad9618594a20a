"""The report on what cleanup deleted."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from jobs.cleanup.models import Deletion
from jobs.reports.content import (
    Block,
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

PerDay = Counter[tuple[date, str]]


@report(
    slug="cleanup",
    title="Cleanup",
    description="What was deleted in the last thirty days because it was past its retention.",
    period=last_days(30, timezone.get_default_timezone_name()),
)
def build(period: Period) -> Content:
    """Return the rows deleted per rule and day, and what broke or was left over."""
    records = Deletion.objects.filter(at__gte=period.start_at, at__lt=period.end_at)
    deletions = list(records.order_by("at", "pk"))
    counts = _per_day(deletions, period)
    broken = [each for each in deletions if each.error]
    figures = [
        Figure("Rows deleted", counts.total()),
        Figure("Rules that deleted something", len({rule for _, rule in counts})),
        Figure("Times a rule broke", len(broken)),
    ]
    blocks: list[Block] = [Figures(figures), _chart(counts, period), _table(counts)]
    return Content(_summary(counts.total(), len(broken)), [*blocks, *_unfinished(deletions)])


def _per_day(deletions: Iterable[Deletion], period: Period) -> PerDay:
    counts: PerDay = Counter()
    for each in deletions:
        if each.count:
            counts[each.at.astimezone(period.start.tzinfo).date(), each.rule] += each.count
    return counts


def _summary(deleted: int, broken: int) -> str:
    if not deleted and not broken:
        return "Nothing was deleted."
    rows = "1 row was" if deleted == 1 else f"{deleted:,} rows were"
    times = "once" if broken == 1 else f"{broken} times"
    trouble = f" Rules broke {times}." if broken else ""
    return f"{rows} deleted.{trouble}"


def _chart(counts: PerDay, period: Period) -> Chart:
    values = [float(sum(n for (on, _), n in counts.items() if on == day)) for day in period.days]
    return Chart(
        title="Rows deleted per day",
        kind=ChartKind.BAR,
        labels=[f"{day.day} {day:%b}" for day in period.days],
        series=[Series("Rows", values)],
        description=f"The most on one day were {max(values):,.0f}.",
    )


def _table(counts: PerDay) -> Table:
    columns = [
        Column("Day", ValueType.DATE),
        Column("Rule"),
        Column("Rows deleted", ValueType.WHOLE),
    ]
    rows = [(day, rule, count) for (day, rule), count in sorted(counts.items(), reverse=True)]
    return Table("Per rule and day", columns, rows)


def _unfinished(deletions: Iterable[Deletion]) -> list[Table]:
    """Return a table of what broke or was left over, or none."""
    columns = [
        Column("At", ValueType.INSTANT),
        Column("Rule"),
        Column("Left over", ValueType.WHOLE),
        Column("Why"),
    ]
    rows = [
        (each.at, each.rule, each.left, each.error or "Its time was over.")
        for each in deletions
        if each.error or each.left
    ]
    return [Table("Not finished", columns, rows)] if rows else []
