"""Workers on the page of workers: what each tells of itself, and whether it is well."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from jobs.runs.models import Run, Worker
from jobs.runs.processes import Process, Verdict, processes
from jobs.runs.states import State

ALIVE_SHOWN = 200
STOPPED_SHOWN = 20
STOPPED_WITHIN = timedelta(days=1)
RUNS_SHOWN = 10
RUNS_READ = 2_000


@processes("Workers", order=10)
def workers(now: datetime) -> list[Process]:
    """Return those that have not ended, by name, and then the ones that ended last."""
    alive = list(Worker.objects.filter(stopped_at=None).order_by("-heartbeat_at")[:ALIVE_SHOWN])
    ended = Worker.objects.filter(stopped_at__gte=now - STOPPED_WITHIN)
    runs = _runs_of(worker.id for worker in alive)
    shown = chain(
        sorted(alive, key=lambda worker: (worker.name, worker.started_at)),
        ended.order_by("-stopped_at")[:STOPPED_SHOWN],
    )
    lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
    return [_process(worker, runs[worker.id], verdict(worker, now, lease)) for worker in shown]


def verdict(worker: Worker, now: datetime, lease: timedelta) -> Verdict:
    """Return whether the worker is well. Silence says more than what it said before it."""
    if worker.stopped_at is not None:
        return Verdict("quiet", "stopped", worker.stopped_at)
    if worker.is_silent(now, lease):
        return Verdict(
            "bad",
            "silent",
            worker.heartbeat_at,
            "Look on its host whether the process is there and reaches the database. "
            "Its runs are started again elsewhere.",
        )
    if worker.stopping_at is not None:
        return Verdict("warning", "stopping", worker.stopping_at)
    if now - worker.pool_seen_at > lease:
        return Verdict(
            "bad",
            "its pool does not answer",
            worker.pool_seen_at,
            "It keeps its runs. Restart it if they do not end.",
        )
    return Verdict("good", "working")


def _process(worker: Worker, runs: list[Run], said: Verdict) -> Process:
    return Process(
        worker.name,
        said,
        list(_facts(worker)),
        worker.started_at,
        worker.heartbeat_at,
        runs[:RUNS_SHOWN],
        len(runs) > RUNS_SHOWN,
    )


def _facts(worker: Worker) -> Iterator[tuple[str, str]]:
    yield "Host", f"{worker.host}, process {worker.pid}"
    yield "Queues", ", ".join(worker.queues) or "none"
    yield "Works on", f"{worker.running_count} of at most {worker.concurrency}"
    if worker.memory_bytes:
        yield "Memory", filesizeformat(worker.memory_bytes)
    yield "Version", worker.version or "unknown"


def _runs_of(worker_ids: Iterable[UUID]) -> defaultdict[UUID, list[Run]]:
    """Return what each worker executes now; read by the index of rescue."""
    running = Run.objects.filter(state=State.RUNNING, worker_id__in=list(worker_ids))
    shown = running.only("schedule_name", "task", "state", "started_at", "worker_id")
    runs: defaultdict[UUID, list[Run]] = defaultdict(list)
    for run in shown[:RUNS_READ]:
        if run.worker_id is not None:
            runs[run.worker_id].append(run)
    return runs
