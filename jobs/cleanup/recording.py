"""Writes down what cleanup deleted."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from jobs.cleanup.applying import Applied
from jobs.cleanup.models import Deletion


def record(results: Iterable[Applied], at: datetime, run_id: UUID | None) -> None:
    """Insert a row for each rule that deleted something, left something over, or broke."""
    Deletion.objects.bulk_create(
        Deletion(
            rule=each.name,
            at=at,
            run_id=run_id,
            count=each.count,
            left=each.left,
            error=each.error,
        )
        for each in results
        if each.count or each.left or each.error
    )
