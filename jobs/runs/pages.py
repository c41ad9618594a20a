"""Keyset pages: each begins behind the last row of the one before, so that depth costs nothing.

Source of the idea: Markus Winand, "Use The Index, Luke", "No Offset".
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from jobs.runs.models import Run

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """Some runs, newest first, and where the next page begins (empty on the last one)."""

    runs: list[Run]
    older_than: str


class BrokenPositionError(ValueError):
    """The position in the address is not one that a page made."""


def page_of_runs(runs: QuerySet[Run], position: str, size: int = PAGE_SIZE) -> Page:
    """Return the page of `runs` that begins behind `position` ("" for the first page).

    Raises BrokenPositionError.
    """
    if position:
        due_at, run_id = _parsed(position)
        runs = runs.filter(Q(due_at__lt=due_at) | Q(due_at=due_at, id__lt=run_id))
    found = list(runs.order_by("-due_at", "-id")[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    return Page(found, _position(found[-1]) if has_more else "")


def _position(run: Run) -> str:
    return f"{run.due_at.isoformat()}_{run.id}"


def _parsed(position: str) -> tuple[datetime, UUID]:
    try:
        instant, run_id = position.split("_")
        due_at = datetime.fromisoformat(instant)
        if due_at.tzinfo is None:
            raise BrokenPositionError(position)
        return due_at, UUID(run_id)
    except ValueError:
        raise BrokenPositionError(position) from None
