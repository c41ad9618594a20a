"""Runs that somebody asked for, built as the claim builds those of occurrences."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from beat.access.asker import Asker
from beat.claim.due_timers import Content
from beat.claim.run_rows import run_row
from beat.decisions.decide import Planned
from beat.definition import ScheduleRow, Work
from jobs.runs.models import Run
from jobs.runs.states import Kind

ROWS_PER_INSERT = 500


def run_asked_for(
    run_id: UUID,
    row: ScheduleRow,
    work: Work,
    kind: Kind,
    due_at: datetime,
    asker: Asker,
    now: datetime,
    **changes: Any,
) -> Run:
    """Return a run, not saved, of the schedule's work and policy, which beat publishes next.

    It expires so long after now as a run of the schedule does after its instant: what is asked
    for today is not over because its logical time is long ago.
    """
    content = Content(work, "", "", "")
    values = run_row(run_id, row, content, Planned(due_at, now), now, "")._asdict()
    expires_at = None
    if work.expire_seconds is not None:
        expires_at = now + timedelta(seconds=work.expire_seconds)
    return Run(
        **{
            **values,
            "args": work.args,
            "kwargs": work.kwargs,
            "headers": work.headers,
            "retry_on": json.loads(values["retry_on"]),
            "kind": kind,
            "expires_at": expires_at,
            # Free for whichever beat comes first.
            "publish_lease_until": None,
            "asked_by_id": asker.user_id,
            **changes,
        }
    )


def insert(runs: Sequence[Run]) -> set[UUID]:
    """Insert the runs; return the ids of those that are new.

    A row whose id or identity is taken stays out: somebody was quicker, or has asked twice.
    """
    known = set(_ids_of(runs))
    Run.objects.bulk_create(runs, batch_size=ROWS_PER_INSERT, ignore_conflicts=True)
    return set(_ids_of(runs)) - known


def _ids_of(runs: Sequence[Run]) -> list[UUID]:
    found: list[UUID] = []
    for start in range(0, len(runs), ROWS_PER_INSERT * 10):
        ids = [run.id for run in runs[start : start + ROWS_PER_INSERT * 10]]
        found += Run.objects.filter(id__in=ids).values_list("id", flat=True)
    return found
