"""Backfill: run the occurrences of a span of the past, a few at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import ActionRefusedError, Outcome, Refusal
from beat.actions.permitted import permitted
from beat.actions.reading import Known, known_schedules
from beat.audit.recording import record, snapshot
from beat.backfills.instants import Span
from beat.backfills.planning import (
    Plan,
    plans_of,
    require_few,
    seconds_at_this_pace,
    usual_seconds,
)
from beat.definition import BrokenScheduleError, ScheduleRow, work_of
from beat.models import Backfill, BackfillOccurrence
from jobs.runs.states import Overlap

MOST_AT_ONCE = 100
LONGEST_PACE_SECONDS = 86_400


@dataclass(frozen=True)
class DryRun:
    """What a backfill would do, of which schedules, and why some of them are refused."""

    plans: Sequence[Plan]
    refused: Sequence[Refusal]
    at_most: int
    pace_seconds: int
    # Their policies let no two runs overlap: theirs run one after the other.
    one_by_one: int
    run_seconds: float | None

    @property
    def total(self) -> int:
        """Return how many runs it would be."""
        return sum(len(found.instants) for found in self.plans)

    @property
    def takes_seconds(self) -> float | None:
        """Return how long the longest of them takes; None where nobody knows."""
        longest = max((len(found.instants) for found in self.plans), default=0)
        at_most = 1 if self.one_by_one else self.at_most
        return seconds_at_this_pace(longest, at_most, self.pace_seconds, self.run_seconds)

    @property
    def first_at(self) -> datetime | None:
        """Return the first instant; None without any."""
        return min((found.instants[0] for found in self.plans if found.instants), default=None)

    @property
    def last_at(self) -> datetime | None:
        """Return the last instant; None without any."""
        return max((found.instants[-1] for found in self.plans if found.instants), default=None)

    @property
    def have_run(self) -> int:
        """Return how many occurrences are left out because they have a run."""
        return sum(found.have_run for found in self.plans)

    @property
    def excluded(self) -> int:
        """Return how many occurrences are left out by calendars."""
        return sum(found.excluded for found in self.plans)


def dry_run(
    schedule_ids: Iterable[int],
    asker: Asker,
    span: Span,
    *,
    at_most: int = 1,
    pace_seconds: int = 0,
) -> DryRun:
    """Return what a backfill of the span would do, and do nothing; raises ActionRefusedError."""
    now = timezone.now()
    _require_sensible(span, at_most, pace_seconds, now)
    those = permitted(schedule_ids, asker, Act.OPERATE)
    schedules, unreadable = known_schedules(those)
    sound, broken = sound_ones(schedules)
    plans, refused = plans_of(sound, {known.row.id: span for known in sound}, now)
    require_few(plans)
    return DryRun(
        plans,
        [*those.refused, *unreadable, *broken, *refused],
        at_most,
        pace_seconds,
        sum(not overlaps(known.row) for known in sound),
        usual_seconds(those.ids),
    )


def backfill(
    schedule_ids: Iterable[int],
    asker: Asker,
    span: Span,
    *,
    at_most: int = 1,
    pace_seconds: int = 0,
    why: str = "",
    token: UUID | None = None,
) -> Outcome:
    """Write a backfill for each schedule, which beat then works through.

    Exactly what a dry run at the same moment shows: what has a run already is not run again. Of a
    schedule whose runs must not overlap one runs at a time, and waits for those under way. The
    same `token` asks once. Raises ActionRefusedError.
    """
    now = timezone.now()
    found = dry_run(schedule_ids, asker, span, at_most=at_most, pace_seconds=pace_seconds)
    with transaction.atomic():
        made = insert_backfills(
            found.plans, asker, why=why, now=now, at_most=at_most, pace_seconds=pace_seconds,
            token=token, span=span,
        )  # fmt: skip
        ids = [one.schedule_id for one in made if one.schedule_id]
        seen = snapshot(ids)
        note = f"{_shown(span.from_at)} to before {_shown(span.before_at)}: {found.total} runs"
        record(asker, "backfill", seen, seen, why, note, always=True)
    return Outcome(
        "To be backfilled",
        ids,
        found.refused,
        [one.pk for one in made],
        counted="run",
        count=found.total,
    )


def overlaps(row: ScheduleRow) -> bool:
    """Return whether runs of the schedule may be under way side by side."""
    return row.overlap == Overlap.ALLOW


def insert_backfills(
    plans: Sequence[Plan],
    asker: Asker,
    *,
    why: str,
    now: datetime,
    at_most: int = 1,
    pace_seconds: int = 0,
    token: UUID | None = None,
    span: Span | None = None,
) -> list[Backfill]:
    """Insert a backfill for each plan with instants; those of a token that is known stay out."""
    base = token or uuid4()
    plan_of = {uuid5(base, str(found.schedule_id)): found for found in plans if found.instants}
    known = set(_by_token(plan_of).values_list("token", flat=True))
    asked = {
        "at_most": at_most, "pace_seconds": pace_seconds, "asked_by_id": asker.user_id,
        "asked_name": asker.name[:150], "asked_at": now, "why": why[:500],
    }  # fmt: skip
    Backfill.objects.bulk_create(
        [_unsaved(key, found, span, now, asked) for key, found in plan_of.items()],
        batch_size=500,
        ignore_conflicts=True,
    )
    made = list(_by_token(plan_of))
    rows = [
        BackfillOccurrence(backfill=one, due_at=due_at)
        for one in made
        if one.token not in known
        for due_at in plan_of[one.token].instants
    ]
    BackfillOccurrence.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return made


def _by_token(tokens: Collection[UUID]) -> QuerySet[Backfill]:
    return Backfill.objects.filter(token__in=list(tokens)).order_by("id")


def _unsaved(
    token: UUID, found: Plan, span: Span | None, now: datetime, asked: dict[str, Any]
) -> Backfill:
    return Backfill(
        token=token,
        schedule_id=found.schedule_id,
        schedule_name=found.name,
        from_at=span.from_at if span else found.instants[0],
        before_at=span.before_at if span else now,
        total=len(found.instants),
        **asked,
    )


def sound_ones(schedules: Sequence[Known]) -> tuple[list[Known], list[Refusal]]:
    """Return the schedules whose runs can be made, and refusals of the others."""
    sound: list[Known] = []
    refused: list[Refusal] = []
    for known in schedules:
        try:
            work_of(known.row)
        except BrokenScheduleError as problem:
            refused.append(Refusal(known.row.id, known.row.name, problem.text))
        else:
            sound.append(known)
    return sound, refused


def _require_sensible(span: Span, at_most: int, pace_seconds: int, now: datetime) -> None:
    if span.from_at >= span.before_at:
        raise ActionRefusedError("The span ends before it begins. Write a later end.")
    if span.before_at > now:
        raise ActionRefusedError(
            "The span ends in the future, and what is due then runs by itself. "
            "Write an end that is not after now."
        )
    if not 1 <= at_most <= MOST_AT_ONCE:
        raise ActionRefusedError(f"Write 1 to {MOST_AT_ONCE} runs at once.")
    if not 0 <= pace_seconds <= LONGEST_PACE_SECONDS:
        raise ActionRefusedError(f"Write 0 to {LONGEST_PACE_SECONDS} seconds between two starts.")


def _shown(instant: datetime) -> str:
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}"
