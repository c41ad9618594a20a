"""Admission at beat: which of the runs that are about to be published may go."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from celery import Celery

from jobs.runs.limits import ledger
from jobs.runs.limits.deciding import Asking, Verdict, decide
from jobs.runs.limits.declared import Limits
from jobs.runs.limits.waiting import MOST_AT_ONCE, waiting_keys, wake_first
from jobs.runs.publishing import Outgoing


class Admission(NamedTuple):
    """Who goes, and who waits in the ledger for a slot of its key or a place in its rate."""

    go: list[Outgoing]
    waiting: list[Outgoing]


def admit(app: Celery, runs: Sequence[Outgoing], now: datetime) -> Admission:
    """Return which of the runs go, in their order; let the others wait in the ledger.

    Call it inside of a transaction, with runs that are leased to this beat. Who goes has its slot
    from then on: until its end, or until it is pending again as its next attempt.
    """
    return carry_out(runs, judge(app, runs, now))


def judge(app: Celery, runs: Sequence[Outgoing], now: datetime) -> list[Verdict]:
    """Return what becomes of those of the runs that have limits and no slot yet."""
    limited = _Limited(app)
    asking = [one for run in runs if (one := limited.asking(run)) is not None]
    if not asking:
        return []
    standing = ledger.read(asking, now)
    verdicts = decide(asking, standing, now)
    ledger.write_places(standing)
    return verdicts


def carry_out(runs: Sequence[Outgoing], verdicts: Sequence[Verdict]) -> Admission:
    """Write the verdicts, and return who goes; another may have been quicker with a slot."""
    lost = ledger.write(verdicts)
    stay = {verdict.id for verdict in verdicts if verdict.reason} | {one.id for one in lost}
    go = [run for run in runs if run.id not in stay]
    return Admission(go, [run for run in runs if run.id in stay])


def wake(app: Celery) -> int:
    """Let as many runs be leased as there are free slots for; return how many.

    Those that wait for a slot are never leased otherwise, however many they are. The longest
    waiting of each key come first. Any number of beats may call it: admission decides.
    """
    limited = _Limited(app)
    woken = 0
    for key, task, held in waiting_keys():
        limits = limited.limits_of(task)
        if limits is None or limits.concurrency is None:
            # Its limit has gone from the code: nobody needs to wait.
            woken += wake_first(key, MOST_AT_ONCE)
        elif held < limits.concurrency:
            woken += wake_first(key, limits.concurrency - held)
    return woken


class _Limited:
    """The limits of the app's tasks, looked up once for each task of a batch."""

    def __init__(self, app: Celery) -> None:
        self._tasks = app.tasks
        self._known: dict[str, Limits | None] = {}

    def limits_of(self, task_name: str) -> Limits | None:
        """Return the limits of a task, or None when it has none or is not known here."""
        if task_name not in self._known:
            self._known[task_name] = getattr(self._tasks.get(task_name), "limits", None)
        return self._known[task_name]

    def asking(self, run: Outgoing) -> Asking | None:
        """Return the run as one that asks to go, or None when it need not ask."""
        limits = self.limits_of(run.task)
        if limits is None:
            return None
        function = self._tasks[run.task].run
        key = limits.key_of(run.task, function, run.args, run.kwargs)
        if key is None:
            return None
        return Asking(run.id, run.attempt, key, limits, run.publish_at, run.reason)
