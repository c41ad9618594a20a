"""The report "Platform history": how the runs of the last days went. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

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
from jobs.reports.history.runs import RunHistory, Tally
from jobs.reports.periods import Period
from jobs.reports.values import Cell, ValueType

BY_TASK = "Tasks"


def history_content(history: RunHistory, period: Period) -> Content:
    """Return the report about `history`; times are shown in the period's zone."""
    blocks: list[Block] = [
        _figures(history.tally),
        _hours_chart(history, period),
        _days_chart(history),
        _task_table(history),
        _failure_table(history),
    ]
    return Content(_summary(history), blocks, main_table=BY_TASK)


def _summary(history: RunHistory) -> str:
    tally = history.tally
    if not tally.runs:
        return "No run was due in this period."
    runs = "One run was due" if tally.runs == 1 else f"{tally.runs:,} runs were due"
    failed = "none failed" if not tally.failed else f"{tally.failed:,} failed"
    return f"{runs}: {tally.succeeded:,} succeeded, {failed}."


def _figures(tally: Tally) -> Figures:
    ended = tally.succeeded + tally.failed
    share = 100 * tally.succeeded / ended if ended else None
    return Figures(
        [
            Figure("Runs", tally.runs),
            Figure("Succeeded", share, "%", ValueType.DECIMAL, note=f"{tally.succeeded:,} runs"),
            Figure("Failed or lost", tally.failed),
            Figure("Neither yet", tally.other, note="waiting, running or not executed"),
        ]
    )


def _series(tallies: Sequence[Tally]) -> list[Series]:
    series = [
        Series("Succeeded", [tally.succeeded for tally in tallies]),
        Series("Failed or lost", [tally.failed for tally in tallies]),
    ]
    if any(tally.other for tally in tallies):
        series.append(Series("Neither yet", [tally.other for tally in tallies]))
    return series


def _hours_chart(history: RunHistory, period: Period) -> Chart:
    zone = ZoneInfo(period.zone)
    return Chart(
        title="Runs per hour, the last 24 hours",
        kind=ChartKind.STACKED_BAR,
        labels=[f"{hour.astimezone(zone):%H:%M}" for hour in history.hours],
        series=_series(list(history.hours.values())),
        description="How many runs were due in each hour and how they ended.",
        label_name="Hour from",
    )


def _days_chart(history: RunHistory) -> Chart:
    return Chart(
        title="Runs per day",
        kind=ChartKind.STACKED_BAR,
        labels=[f"{day:%a} {day.day}" for day in history.days],
        series=_series(list(history.days.values())),
        description="How many runs were due on each day and how they ended.",
        label_name="Day",
    )


def _task_table(history: RunHistory) -> Table:
    columns = [
        Column("Task"),
        Column("Runs", ValueType.WHOLE),
        Column("Succeeded", ValueType.WHOLE),
        Column("Failed", ValueType.WHOLE),
        Column("Median duration", ValueType.DURATION),
        Column("95 of 100 within", ValueType.DURATION),
    ]
    rows: list[list[Cell]] = [
        [
            one.task,
            one.tally.runs,
            one.tally.succeeded,
            one.tally.failed,
            one.median,
            one.slow,
        ]
        for one in history.tasks
    ]
    return Table(BY_TASK, columns, rows)


def _failure_table(history: RunHistory) -> Table:
    columns = [
        Column("Due", ValueType.INSTANT),
        Column("Run"),
        Column("State"),
        Column("Reason"),
    ]
    rows: list[list[Cell]] = [
        [run.due_at, run.title, run.get_state_display(), run.reason_text]
        for run in history.failures
    ]
    return Table("Latest failures", columns, rows)
