"""Keyset pages: each begins behind the last row of the one before, so that depth costs nothing.

Source of the idea: Markus Winand, "Use The Index, Luke", "No Offset".

What no index serves is looked for among a bounded number of runs. A page may then hold few runs,
or none, though older ones exist: it says how far it has looked, and the next one goes on there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from jobs.runs.models import Run

PAGE_SIZE = 50
LOOKED_AT = 50_000
SHOWN = (
    "schedule_name", "task", "kind", "state", "due_at", "started_at", "finished_at", "attempt",
    "worker", "reason_text",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Some runs, newest first, and where the next page begins (empty on the last one).

    `looked_until` is the due instant down to which was looked, when that was the bound.
    """

    runs: list[Run]
    older_than: str
    looked_until: datetime | None = None


class BrokenPositionError(ValueError):
    """The position in the address is not one that a page made."""


def page_of_runs(
    walk: QuerySet[Run],
    position: str,
    rest: Q | None = None,
    size: int = PAGE_SIZE,
    looked_at: int = LOOKED_AT,
) -> Page:
    """Return the page of `walk` that begins behind `position` ("" for the first page).

    `walk` is in the order of an index; `rest` is looked for among its next `looked_at` runs.
    Raises BrokenPositionError.
    """
    if position:
        walk = walk.filter(_older(*_parsed(position)))
    walk = walk.order_by("-due_at", "-id")
    last = last_of(walk, looked_at) if rest else None
    runs = walk.filter(rest) if rest else walk
    if last:
        runs = runs.filter(_not_older(*last))
    found = list(runs.only(*SHOWN)[: size + 1])
    if len(found) > size:
        return Page(found[:size], _position(found[size - 1].due_at, found[size - 1].id))
    if last:
        return Page(found, _position(*last), last[0])
    return Page(found, "")


def newest(runs: QuerySet[Run], walk: QuerySet[Run], looked_at: int) -> QuerySet[Run]:
    """Return those of `runs` that are not older than the first `looked_at` of `walk`."""
    last = last_of(walk, looked_at)
    return runs.filter(_not_older(*last)) if last else runs


def last_of(walk: QuerySet[Run], looked_at: int) -> tuple[datetime, UUID] | None:
    """Return the place of the last of the first `looked_at` runs; None when there are fewer."""
    places = walk.order_by("-due_at", "-id").values_list("due_at", "id")
    return next(iter(places[looked_at - 1 : looked_at]), None)


def _older(due_at: datetime, run_id: UUID) -> Q:
    # The first condition says what the second says too, in a form that bounds an index scan.
    return Q(due_at__lte=due_at) & (Q(due_at__lt=due_at) | Q(due_at=due_at, id__lt=run_id))


def _not_older(due_at: datetime, run_id: UUID) -> Q:
    return Q(due_at__gte=due_at) & (Q(due_at__gt=due_at) | Q(due_at=due_at, id__gte=run_id))


def _position(due_at: datetime, run_id: UUID) -> str:
    return f"{due_at.isoformat()}_{run_id}"


def _parsed(position: str) -> tuple[datetime, UUID]:
    try:
        instant, run_id = position.split("_")
        due_at = datetime.fromisoformat(instant)
        if due_at.tzinfo is None:
            raise BrokenPositionError(position)
        return due_at.astimezone(UTC), UUID(run_id)
    except (ValueError, OverflowError):
        raise BrokenPositionError(position) from None
