"""Skip the next: the coming occurrence is written down as skipped before it is due.

Its row has the identity of the run that the claim would insert, so that no beat runs it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.new_runs import insert
from beat.actions.outcome import ActionRefusedError, Outcome, Refusal
from beat.actions.permitted import Permitted, chunks, permitted
from beat.actions.reading import Known, known_schedules
from beat.audit.recording import record, snapshot
from beat.claim.due_timers import Readings
from beat.definition import BrokenScheduleError
from beat.models import Timer
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

REASON = "skipped_by_hand"
# A calendar or a pause may exclude so many occurrences before one that would run.
MOST_EXAMINED = 1_000


@dataclass(frozen=True)
class Coming:
    """The occurrence of a schedule that would run next."""

    schedule_id: int
    name: str
    task: str
    due_at: datetime


def skip_next(
    schedule_ids: Iterable[int],
    asker: Asker,
    *,
    why: str = "",
    due_at: datetime | None = None,
) -> Outcome:
    """Write down the next occurrence of each schedule as skipped; `made` are the rows' ids.

    With `due_at`, the one that a person was asked about: asking twice skips one. An occurrence
    that beat claims at this moment runs, and is refused. Raises ActionRefusedError.
    """
    now = timezone.now()
    those = permitted(schedule_ids, asker, Act.OPERATE)
    coming, refused = coming_of(those, now)
    if due_at is not None:
        coming, changed = _as_asked(coming, due_at)
        refused += changed
    with transaction.atomic():
        runs = [_skipped(one, asker, why, now) for one in coming]
        new = insert(runs)
        done = [run for run in runs if run.id in new]
        seen = snapshot([run.schedule_id for run in done if run.schedule_id])
        record(asker, "skip next", seen, seen, why, _note(done), always=True)
    late = [_late(one) for one, run in zip(coming, runs, strict=True) if run.id not in new]
    return Outcome(
        "Skips its next occurrence",
        [run.schedule_id for run in done if run.schedule_id],
        [*those.refused, *refused, *late],
        [run.id for run in done],
        note=_note(done),
    )


def skipped_instants(schedule_id: int) -> set[datetime]:
    """Return the occurrences to come that somebody has skipped."""
    return _skipped_instants([schedule_id], timezone.now()).get(schedule_id, set())


def coming_of(those: Permitted, now: datetime) -> tuple[list[Coming], list[Refusal]]:
    """Return the next occurrence of each schedule that would run; a handful of queries."""
    schedules, refused = known_schedules(those)
    readings = Readings({known.row.id: known.row for known in schedules}, now)
    skipped = _skipped_instants(those.ids, now)
    found: list[Coming] = []
    for known in schedules:
        row = known.row
        try:
            due_at = _next_to_run(known, readings, skipped.get(row.id, set()))
        except BrokenScheduleError as problem:
            refused.append(Refusal(row.id, row.name, problem.text))
            continue
        if due_at is None:
            refused.append(Refusal(row.id, row.name, _why_nothing(known)))
        else:
            found.append(Coming(row.id, row.name, row.task, due_at))
    return found, refused


def _next_to_run(known: Known, readings: Readings, skipped: set[datetime]) -> datetime | None:
    if known.due_at is None or known.is_stale:
        return None
    timing = readings.timing(known.row, known.anchor_at)
    rules = readings.rules(known.row)
    due_at: datetime | None = known.due_at
    for _ in range(MOST_EXAMINED):
        if due_at is None:
            return None
        if due_at not in skipped and not rules.pauses(due_at) and not rules.why_excluded(due_at):
            return due_at
        due_at = None if timing.one_off else timing.next(due_at)
    return None


def _why_nothing(known: Known) -> str:
    if not known.row.enabled:
        return "It is disabled, so that nothing is to come."
    if known.is_stale:
        return "Beat has not worked out yet when it is due. Try again in a moment."
    return "Nothing is to come: it is paused, done, set aside or excluded by its calendar."


def _skipped_instants(ids: Sequence[int], now: datetime) -> dict[int, set[datetime]]:
    found: dict[int, set[datetime]] = {}
    for chunk in chunks(ids):
        timers = Timer.objects.filter(pk__in=chunk, due_at__isnull=False).values_list("due_at")
        since = min([now, *(due_at for (due_at,) in timers if due_at)])
        runs = Run.objects.filter(
            schedule__in=chunk, due_at__gte=since, kind=Kind.SCHEDULED, reason=REASON
        )
        for pk, due_at in runs.values_list("schedule_id", "due_at"):
            if pk is not None:
                found.setdefault(pk, set()).add(due_at)
    return found


def _as_asked(coming: Sequence[Coming], due_at: datetime) -> tuple[list[Coming], list[Refusal]]:
    """Keep those whose next occurrence is the one asked about."""
    if len(coming) > 1:
        raise ActionRefusedError("An instant can be named for one schedule only.")
    same = [one for one in coming if one.due_at == due_at]
    why = "The occurrence that you were asked about has begun, or is skipped already."
    return same, [Refusal(one.schedule_id, one.name, why) for one in coming if one not in same]


def _skipped(one: Coming, asker: Asker, why: str, now: datetime) -> Run:
    sentence = f"Skipped by {asker.name}" + (f": {why}" if why else ".")
    return Run(
        id=new_run_id(now),
        schedule_id=one.schedule_id,
        schedule_name=one.name,
        task=one.task,
        kind=Kind.SCHEDULED,
        due_at=one.due_at,
        publish_at=one.due_at,
        state=State.SKIPPED,
        reason=REASON,
        reason_text=sentence[:500],
        finished_at=now,
        asked_by_id=asker.user_id,
    )


def _late(one: Coming) -> Refusal:
    return Refusal(
        one.schedule_id,
        one.name,
        "Its occurrence has begun at this moment. Cancel its run instead.",
    )


def _note(runs: Sequence[Run]) -> str:
    if len(runs) != 1:
        return ""
    return f"It was due at {timezone.localtime(runs[0].due_at):%Y-%m-%d %H:%M:%S}."
