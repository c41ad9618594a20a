"""How many tasks that do nothing a worker ends per second, beside Celery without a ledger.

All messages are in Redis before the worker starts, and a prefork pool of two takes them. Counted
is the time from the first message that is taken to the last one that is over, so that no start of
a worker is in it. Punctual is measured twice: with runs that beat has published, and with ad-hoc
calls, whose row the worker writes. The contenders take turns, and their medians count: what else
the machine does must not fall on one of them.
"""

import os
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django_celery_results.models import TaskResult
from redis import Redis

from beat.publish.publishing import publish
from benchmarks.figures import percentile, print_heading, print_row
from benchmarks.messages import QUEUE
from benchmarks.stage import say
from jobs.runs.ids import new_run_ids
from jobs.runs.models import Run
from jobs.runs.states import ENDS, Kind
from tests.servers.celery_processes import CeleryProcess

TASK = "benchmarks.nothing"
UNACKNOWLEDGED = "unacked"
LOOK_EVERY_SECONDS = 0.01
TIMEOUT_SECONDS = 600.0
PUBLISHED_AT_ONCE = 10_000


@dataclass(frozen=True)
class Contender:
    """A worker's app, how so many messages for it are sent, and how many tasks it has ended.

    `ended` is None where nobody keeps count: then an empty queue is the end.
    """

    name: str
    app: str
    send: Callable[[int], None]
    ended: Callable[[], int] | None


def measure(database: str, options: Namespace) -> None:
    """Print a line for each contender: the medians of rounds in which they take turns."""
    took: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    for number in range(options.rounds):
        for contender in CONTENDERS:
            say(f"Round {number + 1}, {contender.name}: {options.tasks:,} tasks on {database}")
            took[contender.name].append(_seconds(contender, options.tasks))
    print_heading("database", "worker", "|tasks", "|seconds", "|tasks per second", "|of bare")
    bare = percentile(took[CONTENDERS[0].name], 50)
    for name, rounds in took.items():
        seconds = percentile(rounds, 50)
        cells = (f"{seconds:.2f}", f"{options.tasks / seconds:,.0f}", f"{bare / seconds:.0%}")
        print_row(database, name, f"{options.tasks:,}", *cells)


def _seconds(contender: Contender, count: int) -> float:
    """Return the seconds from the first message taken until all have ended."""
    Run.objects.all().delete()
    TaskResult.objects.all().delete()
    with closing(Redis.from_url(settings.REDIS_URL)) as client:
        client.flushdb()
        contender.send(count)
        if client.llen(QUEUE) != count:
            raise RuntimeError(f"{client.llen(QUEUE)} messages wait instead of {count}.")
        return _worked_through(contender, count, client)


def _worked_through(contender: Contender, count: int, client: "Redis") -> float:
    arguments = ["worker", "--concurrency", "2", "-Q", QUEUE, "-l", "WARNING"]
    with tempfile.TemporaryDirectory(prefix="punctual-benchmark-") as folder:
        log = Path(folder) / "worker.log"
        worker = CeleryProcess(arguments, log, dict(os.environ), contender.app)
        try:
            _wait(lambda: client.llen(QUEUE) < count, worker)
            began_at = time.perf_counter()
            _wait(lambda: not client.llen(QUEUE) + client.hlen(UNACKNOWLEDGED), worker)
            if contender.ended is not None:
                _wait(lambda: contender.ended is None or contender.ended() >= count, worker)
            return time.perf_counter() - began_at
        finally:
            worker.stop()


def _wait(has_happened: Callable[[], bool], worker: CeleryProcess) -> None:
    give_up_at = time.monotonic() + TIMEOUT_SECONDS
    while not has_happened():
        if worker.process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"The worker did not get there: {worker.log.read_text()}")
        time.sleep(LOOK_EVERY_SECONDS)


def _call(app_name: str) -> Callable[[int], None]:
    def call(count: int) -> None:
        from importlib import import_module

        app = import_module(app_name).app
        with app.producer_pool.acquire(block=True) as producer:
            for _ in range(count):
                app.tasks[TASK].apply_async(producer=producer, queue=QUEUE)

    return call


def _publish(count: int) -> None:
    """Write runs as a claim does, and have beat's publishing send them."""
    from benchmarks.ledger_app import app

    now = datetime.now(UTC)
    runs = [
        Run(id=run_id, task=TASK, kind=Kind.MANUAL, due_at=now, publish_at=now)
        for run_id in new_run_ids(now, count)
    ]
    Run.objects.bulk_create(runs, batch_size=1_000)
    while publish(app, datetime.now(UTC), PUBLISHED_AT_ONCE, "benchmark", []):
        pass


def _ended_runs() -> int:
    return Run.objects.filter(state__in=ENDS).count()


CONTENDERS = (
    Contender("Celery, no record", "benchmarks.bare_app", _call("benchmarks.bare_app"), None),
    Contender(
        "Celery with django-celery-results",
        "benchmarks.results_app",
        _call("benchmarks.results_app"),
        lambda: TaskResult.objects.filter(status="SUCCESS").count(),
    ),
    Contender("Punctual, scheduled runs", "benchmarks.ledger_app", _publish, _ended_runs),
    Contender(
        "Punctual, ad-hoc calls",
        "benchmarks.ledger_app",
        _call("benchmarks.ledger_app"),
        _ended_runs,
    ),
)
