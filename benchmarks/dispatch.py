"""How long until the last message of many occurrences due at one instant is in Redis.

Run with `python -m benchmarks.dispatch [occurrences]`; it measures SQLite and a durable PostgreSQL
of its own with a Redis of its own, with one beat and with two. Beside it, in the same run, the
DatabaseScheduler of django-celery-beat on a tenth of the occurrences, since it takes minutes.
Not measured yet: celery-redbeat, idle cost, and how soon an edit takes effect.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from scheduler_site.development.redis_server import RedisServer, find_executable
from tests.servers.postgres import PostgresServer

MEASURED = "BENCHMARK_DATABASE"
OCCURRENCES = 10_000
STOCK_SHARE = 10
AN_HOUR_SECONDS = 3600


def main() -> None:
    """Print one line per database and scheduler; each database in a process of its own."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else OCCURRENCES
    if MEASURED in os.environ:
        measure(os.environ[MEASURED], count)
        return
    print("| database | scheduler | occurrences | seconds | per second |", flush=True)
    print("| --- | --- | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        measure_in_child("SQLite", f"sqlite:///{folder}/beat.sqlite3", Path(folder), count)
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as server:
        measure_in_child("PostgreSQL", server.url, Path(folder), count)


def measure_in_child(name: str, database_url: str, folder: Path, count: int) -> None:
    """Measure in a fresh process, since Django reads its settings once."""
    with RedisServer(folder / "redis", find_executable()) as redis:
        variables = {
            "DEBUG": "1",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "VAR_DIR": str(folder),
            MEASURED: name,
        }
        subprocess.run(
            [sys.executable, "-m", "benchmarks.dispatch", str(count)],
            env={**os.environ, **variables},
            check=True,
        )


def measure(database: str, count: int) -> None:
    """Print the lines of this process's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False  # Django keeps every query in memory while it is on.
    call_command("migrate", verbosity=0)
    add_schedules(count)
    for beats in (1, 2):
        tell(database, f"Punctual, {beats} beat(s)", count, lambda n=beats: dispatch(n, count))  # type: ignore[misc]
    add_schedules(count // STOCK_SHARE)
    tell(database, "DatabaseScheduler", count // STOCK_SHARE, stock)


def tell(database: str, scheduler: str, count: int, dispatched: Callable[[], float]) -> None:
    """Print the line of one measurement."""
    seconds = dispatched()
    speed = count / seconds
    print(f"| {database} | {scheduler} | {count:,} | {seconds:.2f} | {speed:,.0f} |", flush=True)


def add_schedules(count: int) -> None:
    """Replace all schedules by `count` that are due every hour."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

    PeriodicTask.objects.all().delete()
    rule, _ = IntervalSchedule.objects.get_or_create(every=1, period="hours")
    PeriodicTask.objects.bulk_create(
        [PeriodicTask(name=f"s{n}", task="benchmarks.nothing", interval=rule) for n in range(count)]
    )
    PeriodicTasks.update_changed()


def dispatch(beats: int, count: int) -> float:
    """Return the seconds from the instant at which all are due until the last is in Redis."""
    from django.utils import timezone

    from beat.models import Timer
    from beat.process.tick import Ticker
    from jobs.runs.models import Run
    from scheduler_site.celery import app

    tickers = [Ticker(app, f"benchmark:{number}:x") for number in range(beats)]
    while tickers[0].tick() == 0:
        pass
    empty_queue()
    Run.objects.all().delete()  # What is still queued would let overlap skip the next.
    # Due a moment from now, so that no policy takes them for missed.
    due_at = timezone.now() + timedelta(seconds=1)
    Timer.objects.update(due_at=due_at, anchor_at=due_at - timedelta(hours=1), is_stale=False)
    time.sleep(max(0.0, (due_at - timezone.now()).total_seconds()))
    began_at = time.perf_counter()
    threads = [threading.Thread(target=tick_until, args=(each, count)) for each in tickers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began_at


def tick_until(ticker: object, count: int) -> None:
    """Tick until so many messages are in Redis; the connection is this thread's own."""
    from django.db import connection

    from beat.process.tick import Ticker

    assert isinstance(ticker, Ticker)
    while queue_length() < count:
        ticker.tick()
    connection.close()


def stock() -> float:
    """Return the seconds that django-celery-beat's scheduler takes when all are due."""
    from datetime import UTC, datetime

    from django_celery_beat.models import PeriodicTask
    from django_celery_beat.schedulers import DatabaseScheduler

    from scheduler_site.celery import app

    long_ago = datetime.now(UTC) - timedelta(seconds=2 * AN_HOUR_SECONDS)
    PeriodicTask.objects.update(last_run_at=long_ago)
    empty_queue()
    count = PeriodicTask.objects.count()
    scheduler = DatabaseScheduler(app=app)
    began_at = time.perf_counter()
    while queue_length() < count:
        scheduler.tick()
    return time.perf_counter() - began_at


def queue_length() -> int:
    """Return how many messages are in Redis."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        return int(client.llen("default"))


def empty_queue() -> None:
    """Forget the messages of the measurement before."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete("default")


if __name__ == "__main__":
    main()
