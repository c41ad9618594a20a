"""The queues that something is sent to: does a living worker take from each?"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.db.utils import ConnectionHandler
from django_celery_beat.models import PeriodicTask

from jobs.runs.models import Worker
from scheduler_site.doctor.database import TIMEOUT_SECONDS, impatient, missing_file
from scheduler_site.doctor.findings import Finding, ok, warning

SUBJECT = "queues"
NAMES_SHOWN = 5


def queues_findings(
    database: Mapping[str, Any], own_queues: Collection[str], lease_seconds: int
) -> list[Finding]:
    """Return whether workers take from our own queues and from those of enabled schedules.

    A worker counts as living whose last heartbeat is younger than the lease.
    """
    if missing_file(database):
        return [_unknown()]
    connections = ConnectionHandler({"default": impatient(database, TIMEOUT_SECONDS)})
    connection = connections["default"]
    try:
        scheduled = {queue for (queue,) in _rows(connection, _queues_of_schedules())}
        taken = {
            queue for (queues,) in _rows(connection, _alive(lease_seconds)) for queue in queues
        }
    except DatabaseError:
        return [_unknown()]
    finally:
        connection.close()
    return [queues_finding({*own_queues, *scheduled}, taken)]


def queues_finding(wanted: Collection[str], taken: Collection[str]) -> Finding:
    """Return whether something waits in a queue that nobody takes from."""
    forgotten = sorted(set(wanted) - set(taken))
    if not forgotten:
        return ok(SUBJECT, f"Workers take from {_names(sorted(wanted))}.")
    return warning(
        SUBJECT,
        f"No living worker takes from {_names(forgotten)}: what is sent there waits.",
        f"Start one: celery -A scheduler_site worker -Q {','.join(forgotten[:NAMES_SHOWN])}. "
        "Or correct the queue of the schedule.",
    )


def _unknown() -> Finding:
    return warning(
        SUBJECT,
        "Nobody can say who takes from which queue without the database and its tables.",
        "Mend the database first, then look again.",
    )


def _queues_of_schedules() -> QuerySet[Any, Any]:
    named: QuerySet[Any, Any] = PeriodicTask.objects.filter(enabled=True, queue__gt="")
    return named.order_by().values_list("queue").distinct()


def _alive(lease_seconds: int) -> QuerySet[Any, Any]:
    since = Now() - timedelta(seconds=lease_seconds)
    return Worker.objects.filter(stopped_at=None, heartbeat_at__gt=since).values_list("queues")


def _rows(connection: BaseDatabaseWrapper, query: QuerySet[Any, Any]) -> list[Any]:
    """Return the rows of the query, asked over this connection instead of the site's own."""
    compiler = query.query.get_compiler(connection=connection)
    return list(compiler.results_iter(tuple_expected=True))


def _names(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
