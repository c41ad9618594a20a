"""What beat and workers do to a run, beside ten thousand and ten million that have ended.

Each step is the product's own function, in a database of its own, durable as in production. The
time is injected: every round is a minute, in which each schedule is due once.
"""

import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.conf import settings

from beat.claim.claiming import claim
from beat.models import Timer
from beat.reconcile.reconciling import reconcile
from beat.retention import READ_AT_ONCE, old_runs
from benchmarks.figures import percentile, print_heading, print_row
from benchmarks.many_runs import add_ended
from benchmarks.schedules import Interval, define_for_punctual, empty
from benchmarks.stage import POSTGRESQL, say
from jobs.runs import publishing, transitions
from jobs.runs.publishing import Outgoing
from jobs.runs.starting import Message, start

BEAT = "beat@benchmark"
SCHEDULES = 1_000
A_MINUTE = timedelta(minutes=1)
ROUNDS = 12
RUNS_PER_ROUND = 100
# Runs are read so many batches at a time, so that one batch in four reads.
RETENTION_BATCH = READ_AT_ONCE // 4
RETENTION_BATCHES = 12
# So much of the span of ended runs is older than they are kept.
OLD_SHARE = 0.9
STEPS = {
    "claim": f"claim {SCHEDULES:,} due timers",
    "publish": f"mark {SCHEDULES:,} runs queued",
    "start": "start a run",
    "finish": "end a run",
    "retention": f"delete {RETENTION_BATCH:,} old runs",
}

Took = dict[str, list[float]]
T = TypeVar("T")


def measure(database: str, options: Namespace) -> None:
    """Print the median of each step at each size, and the last size's ratio to the first."""
    if database != POSTGRESQL:
        raise SystemExit("The size of the table is measured on PostgreSQL.")
    took = {rows: measure_size(rows) for rows in options.rows}
    print(f"\nMedians beside so many ended runs, {database}:")
    print_heading("step", *(f"|{rows:,} rows" for rows in took), "|ratio")
    for step, title in STEPS.items():
        medians = [percentile(took[rows][step], 50) for rows in took]
        cells = [f"{median * 1000:,.2f} ms" for median in medians]
        print_row(title, *cells, f"{medians[-1] / medians[0]:.2f}")


def measure_size(rows: int) -> Took:
    """Return the seconds of every step beside so many ended runs."""
    say(f"{rows:,} ended runs")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    prepare(rows, now)
    took: Took = {step: [] for step in STEPS}
    for number in range(ROUNDS + 1):
        measured = one_minute(now + number * A_MINUTE)
        # The first one warms up.
        if number:
            for step, seconds in measured.items():
                took[step] += seconds
    took["retention"] = retention_batches(now)
    return took


def prepare(rows: int, now: datetime) -> None:
    """Make the schedules, due from `now` on, and runs of theirs that have ended."""
    empty()
    define_for_punctual(Interval(int(A_MINUTE.total_seconds()), [now.timestamp()] * SCHEDULES))
    kept = timedelta(days=settings.RUN_FAILURE_RETENTION_DAYS)
    while reconcile(now - A_MINUTE):
        pass
    if Timer.objects.filter(due_at=now).count() != SCHEDULES:
        raise RuntimeError("The schedules are not due when they should be.")
    span = kept / (1 - OLD_SHARE)
    add_ended(rows, SCHEDULES, now - span, now - A_MINUTE)


def one_minute(now: datetime) -> Took:
    """Claim what is due, mark it, start and end some of it; return the seconds of each."""
    claimed, claim_seconds = timed(lambda: claim(now, SCHEDULES, BEAT))
    runs = claimed.to_publish
    marked, publish_seconds = timed(lambda: publishing.mark_queued(runs, now))
    if marked != SCHEDULES:
        raise RuntimeError(f"{marked} of {SCHEDULES} runs were marked.")
    chosen = runs[:: SCHEDULES // RUNS_PER_ROUND]
    return {
        "claim": [claim_seconds],
        "publish": [publish_seconds],
        "start": [timed(lambda run=run: start_one(run, now))[1] for run in chosen],  # type: ignore[misc]
        "finish": [timed(lambda run=run: end_one(run, now))[1] for run in chosen],  # type: ignore[misc]
    }


def start_one(run: Outgoing, now: datetime) -> None:
    """Start a run as a worker does."""
    message = Message(
        run_id=run.id,
        task=run.task,
        attempt=run.attempt,
        schedule_name=run.schedule_name,
        args=[],
        kwargs={},
        queue="",
        worker="celery@benchmark",
    )
    if start(message, now) is None:
        raise RuntimeError("a run could not be started")


def end_one(run: Outgoing, now: datetime) -> None:
    """End a run as a worker does."""
    if not transitions.succeed(run.id, run.attempt, None, now):
        raise RuntimeError("a run could not be ended")


def retention_batches(now: datetime) -> list[float]:
    """Return the seconds of batches; those of the first reading, which reads policies, left out."""
    batches = old_runs(now, RETENTION_BATCH, dry_run=False)
    first = READ_AT_ONCE // RETENTION_BATCH
    took = []
    for _ in range(first + RETENTION_BATCHES):
        batch, seconds = timed(lambda: next(batches))
        if batch.count != RETENTION_BATCH:
            raise RuntimeError(f"A batch deleted {batch.count} runs only: measure with more rows.")
        took.append(seconds)
    return took[first:]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the seconds that it took."""
    began_at = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began_at
