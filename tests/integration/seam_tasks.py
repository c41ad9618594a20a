"""Tasks for workers of the tests: each does one thing that a worker must cope with."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from celery import shared_task
from celery.exceptions import Ignore, Reject

from jobs.runs.retrying import Retries
from jobs.runs.worker.seam.task import RecordedTask

# The stubs of Celery know no attributes of a site's own task class.
RULE: Any = {"retries": Retries(max_attempts=3, backoff_seconds=0)}
MUCH_LATER: Any = {
    "retries": Retries(max_attempts=2, backoff_seconds=3600, longest_backoff_seconds=3600)
}


@shared_task(name="seam.add")
def add(left: int, right: int) -> int:
    """Return the sum."""
    return left + right


@shared_task(name="seam.total")
def total(numbers: list[int]) -> int:
    """Return the sum of all."""
    return sum(numbers)


@shared_task(name="seam.kind_of")
def kind_of(value: Any) -> str:
    """Return what the argument is."""
    return type(value).__name__


@shared_task(name="seam.note_problem")
def note_problem(task_id: str) -> str:
    """Be an error callback, of the kind that is a message."""
    return f"noted {len(task_id)}"


@shared_task(name="seam.fail")
def fail(words: str = "the disk is full") -> None:
    """Fail."""
    raise RuntimeError(words)


@shared_task(name="seam.retried_by_rule", **RULE)
def retried_by_rule() -> None:
    """Fail, and be tried again as the decorator says."""
    raise OSError("not there")


@shared_task(name="seam.retried_by_celery", bind=True, max_retries=2)
def retried_by_celery(self: Any, value: Any = None) -> str:
    """Ask Celery to be tried again until the second time."""
    if self.request.retries < 2:
        raise self.retry(exc=RuntimeError("not yet"), countdown=0.1)
    return f"{self.request.retries} retries"


@shared_task(
    name="seam.retried_for_its_error",
    bind=True,
    autoretry_for=(OSError,),
    max_retries=5,
    default_retry_delay=0,
)
def retried_for_its_error(self: Any) -> str:
    """Fail until the second time, with an error for which Celery tries again by itself."""
    if self.request.retries < 2:
        raise FileNotFoundError("not yet")
    return f"{self.request.retries} retries"


@shared_task(name="seam.lack_a_file")
def lack_a_file() -> None:
    """Fail with an error that is derived from another."""
    raise FileNotFoundError("no such file")


@shared_task(name="seam.retried_for_ever", bind=True, max_retries=1)
def retried_for_ever(self: Any) -> None:
    """Ask Celery to be tried again once too often."""
    self.retry(countdown=0)


@shared_task(name="seam.retried_much_later", bind=True)
def retried_much_later(self: Any) -> None:
    """Ask Celery to be tried again in an hour."""
    self.retry(countdown=3600)


@shared_task(name="seam.retried_much_later_by_rule", **MUCH_LATER)
def retried_much_later_by_rule() -> None:
    """Fail, and be tried again in about an hour as the decorator says."""
    raise OSError("not there")


@shared_task(name="seam.ignore")
def ignore() -> None:
    """End without a result."""
    raise Ignore("nothing to do")


@shared_task(name="seam.reject", acks_late=True)
def reject(requeue: bool) -> None:
    """Reject the message."""
    raise Reject("not now", requeue=requeue)


@shared_task(name="seam.call_another", bind=True)
def call_another(self: Any) -> str:
    """Call another task; return its id."""
    return str(add.delay(1, 2).id)


@shared_task(name="seam.replace_itself", bind=True)
def replace_itself(self: Any) -> Any:
    """Put another task in its place."""
    return self.replace(add.s(20, 22))


@shared_task(name="seam.poison", acks_late=True)
def poison() -> None:
    """Kill the process that executes this."""
    os.kill(os.getpid(), 9)


class DyingTask(RecordedTask):
    """A task whose process dies before anything of the task is in the ledger."""

    def before_start(self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Kill the process."""
        os.kill(os.getpid(), signal.SIGKILL)


@shared_task(name="seam.die_before_start", base=DyingTask)
def die_before_start() -> None:
    """Never be reached."""


@shared_task(name="seam.leave")
def leave(code: int = 3) -> None:
    """End the process that executes this as a script would."""
    raise SystemExit(code)


@shared_task(name="seam.call_itself", bind=True)
def call_itself(self: Any, times: int) -> None:
    """Call itself as a function, and say so."""
    print(f"{times} to go")
    if times:
        self(times - 1)
        print(f"{times} done")


@shared_task(name="seam.want_memory")
def want_memory() -> None:
    """Ask for more memory than there is."""
    raise MemoryError("no room")


@shared_task(name="seam.sleep_hard", time_limit=1)
def sleep_hard() -> None:
    """Go on for too long, deaf to the soft limit."""
    time.sleep(60)


@shared_task(name="seam.sleep_soft", soft_time_limit=1)
def sleep_soft() -> None:
    """Go on for too long."""
    time.sleep(60)


@shared_task(name="seam.sleep")
def sleep(seconds: float) -> None:
    """Take a while."""
    time.sleep(seconds)


@shared_task(name="seam.return_nul")
def return_nul() -> str:
    """Return and say what PostgreSQL does not keep."""
    return "a\0b"


@shared_task(name="seam.raise_nul")
def raise_nul() -> None:
    """Fail with words that PostgreSQL does not keep."""
    raise RuntimeError("a\0b\ud800")


@shared_task(name="seam.has_locks")
def has_locks() -> bool:
    """Return whether this process locks what it reads, as every user of an SQLite file has to."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return True
    # An open connection to a database with a write-ahead log holds one all the time (proc(5)).
    holders = [line.split()[4] for line in Path("/proc/locks").read_text().splitlines()]
    return str(os.getpid()) in holders


@shared_task(name="seam.whose")
def whose() -> str:
    """Return the process and database connection that execute this."""
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return f"{os.getpid()} {connection.connection.info.backend_pid}"
    return f"{os.getpid()} {id(connection.connection)}"
