"""Schedules that make what nobody has looked at for a long time, such as a report."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django_celery_beat.models import PeriodicTask

from beat.definition import BrokenScheduleError, ScheduleRow, schedule_rows, work_of
from beat.lints.lint import Lint
from jobs.runs.usage import Call, last_uses, tasks_with_usage

LONG = timedelta(days=90)
# So many schedules are asked about; the others on their own pages only.
MOST = 5_000


def suspects(now: datetime) -> Q:
    """Return the schedules that make what nobody has used for long.

    Weakness: of those that make such things it asks about the first 5,000 by id.
    """
    candidates = PeriodicTask.objects.filter(enabled=True, task__in=tasks_with_usage())
    ids = candidates.filter(_old(now)).order_by("pk").values_list("pk", flat=True)[:MOST]
    return Q(enabled=True, pk__in=list(_unused(schedule_rows(list(ids)).values(), now)))


def judge(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return for each such schedule since when nobody has used what it makes."""
    tasks = set(tasks_with_usage())
    asked = {row.id: row for row in rows if row.enabled and row.task in tasks}
    old = PeriodicTask.objects.filter(_old(now), pk__in=asked).values_list("pk", flat=True)
    found = _unused([asked[id_] for id_ in old] if asked else [], now)
    return {id_: _sentence(since) for id_, since in found.items()}


def _old(now: datetime) -> Q:
    """Return that nobody has changed the schedule lately: who changes it looks after it."""
    return Q(date_changed__lte=now - LONG)


def _unused(rows: Iterable[ScheduleRow], now: datetime) -> dict[int, datetime]:
    """Return since when what each schedule makes is unused, where that is long."""
    found: dict[int, datetime] = {}
    for task, of_task in groupby(sorted(rows, key=lambda row: row.task), lambda row: row.task):
        calls = _calls(of_task)
        uses = zip(calls, last_uses(task, list(calls.values())), strict=True)
        found |= {id_: since for id_, since in uses if since is not None and since <= now - LONG}
    return found


def _calls(rows: Iterable[ScheduleRow]) -> dict[int, Call]:
    """Return what each schedule calls its task with; one that is broken calls nothing."""
    calls = {}
    for row in rows:
        try:
            work = work_of(row)
        except BrokenScheduleError:
            continue
        calls[row.id] = Call(work.args, work.kwargs)
    return calls


def _sentence(since: datetime) -> str:
    return (
        f"Nobody has looked at what it makes since {date_format(localtime(since), 'j F Y')}. "
        "Ask who needs it; else switch it off."
    )


LINT = Lint(
    key="unread",
    title="Nobody reads what it makes",
    meaning="Nobody has read its report for 90 days, and nobody has changed it since.",
    suspects=suspects,
    judge=judge,
)
