"""Deleting runs for good: for retention, and nobody else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import QuerySet

from jobs.runs.models import Attempt, Run, RunLog
from jobs.runs.states import ENDS


def delete_ended(run_ids: Sequence[UUID]) -> int:
    """Delete those of these runs that have ended, with attempts and logs; return how many.

    One short transaction. On PostgreSQL a row that somebody else holds is left for the next time,
    so that nobody waits for it in a circle; on SQLite writers wait for each other as ever.
    """
    with transaction.atomic():
        ended = Run.objects.filter(id__in=run_ids, state__in=ENDS)
        locked = ended.select_for_update(skip_locked=True, of=("self",))
        taken = list(locked.values_list("id", flat=True))
        _delete(Attempt.objects.filter(run__in=taken))
        _delete(RunLog.objects.filter(run__in=taken))
        _delete(Run.objects.filter(id__in=taken))
    return len(taken)


def _delete(rows: QuerySet[Any]) -> None:
    """Delete the rows without reading them first, as Django does to find what hangs on them.

    Nothing does: a run's attempts and logs are gone, its children and keys outlive it.
    """
    rows._raw_delete(router.db_for_write(rows.model))  # noqa: SLF001 (Django has no other way)
