"""Resume: the pause ends, and what was missed in it runs or does not, as the person chooses."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.backfill import insert_backfills, sound_ones
from beat.actions.new_runs import insert, run_asked_for
from beat.actions.outcome import Outcome, Refusal, counted
from beat.actions.permitted import Permitted, chunks, permitted
from beat.actions.reading import known_schedules
from beat.audit.recording import audited
from beat.backfills.going_on import overlap_of
from beat.backfills.instants import Span
from beat.backfills.planning import Plan, plans_of, require_few
from beat.claim.claiming import claim, write_back
from beat.definition import ScheduleRow, work_of
from beat.models import Policy
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

# In whose name the claim is made.
RESUME = "resume"

# When it began, if that is known, and when it ends at the latest.
Pause = tuple[datetime | None, datetime]


class Missed(StrEnum):
    """What becomes of the occurrences that the pause has skipped."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


def resume(
    schedule_ids: Iterable[int], asker: Asker, *, missed: Missed = Missed.NONE, why: str = ""
) -> Outcome:
    """End the schedules' pauses; run none, the latest or all of what each has missed.

    All are run one after the other, as a backfill, which has its limit. A schedule that is
    not paused stays as it is. Raises ActionRefusedError.
    """
    now = timezone.now()
    those = permitted(schedule_ids, asker, Act.OPERATE)
    with transaction.atomic():
        pauses = _pauses(those.ids, now)
        _claim_within(pauses, now)
        paused = Permitted({pk: those.names[pk] for pk in those.ids if pk in pauses}, [])
        plans, refused = ([], []) if missed is Missed.NONE else _planned(paused, pauses, now)
        with audited(asker, "resume", paused.ids, why, f"missed occurrences: {missed}"):
            for chunk in chunks(paused.ids):
                Policy.objects.filter(pk__in=chunk).update(
                    is_paused=False, paused_until=None, pause_reason="", paused_at=None
                )
        made = _catch_up(plans, asker, missed, why, now)
    unpaused = [pk for pk in those.ids if pk not in pauses]
    note = _note(missed, made, len(unpaused))
    return Outcome("Resumed", paused.ids, [*those.refused, *refused], note=note)


def missed_in_pause(those: Permitted, now: datetime) -> list[Plan]:
    """Return what each paused schedule has missed in its pause, for the question before."""
    with transaction.atomic():
        pauses = _pauses(those.ids, now)
        _claim_within(pauses, now)
        paused = Permitted({pk: those.names[pk] for pk in those.ids if pk in pauses}, [])
        plans, _ = _planned(paused, pauses, now)
        # Only asked: the claim is made again by whoever resumes.
        transaction.set_rollback(True)
    return plans


def _claim_within(pauses: Mapping[int, Pause], now: datetime) -> None:
    """Write down what fell due in the pauses while no beat was there to do so, as a beat would.

    After the end of a pause a beat would take it for missed, and the schedule's catch-up policy
    would run it whatever the person chose. What a beat claims at this moment is left to it.
    """
    for chunk in chunks(pauses):
        write_back(claim(now, len(chunk), RESUME, chunk), now)


def _note(missed: Missed, made: int, unpaused: int) -> str:
    notes = []
    if missed is not Missed.NONE:
        notes.append(f"{counted(made, 'missed occurrence')} will run.")
    if unpaused:
        verb = "was" if unpaused == 1 else "were"
        notes.append(f"{counted(unpaused, 'schedule')} {verb} not paused.")
    return " ".join(notes)


def _pauses(ids: Sequence[int], now: datetime) -> dict[int, Pause]:
    """Return when the pause of each paused schedule began (None: not known) and where it ends.

    One whose end has come by itself is still noted in the policy, and can be made up for.
    """
    found: dict[int, Pause] = {}
    for chunk in chunks(ids):
        policies = Policy.objects.filter(pk__in=chunk, is_paused=True)
        for pk, begin, until in policies.values_list("pk", "paused_at", "paused_until"):
            found[pk] = (begin, min(now, until) if until else now)
    return found


def _planned(
    paused: Permitted, pauses: Mapping[int, Pause], now: datetime
) -> tuple[list[Plan], list[Refusal]]:
    """Return what each has missed; one whose pause has skipped nothing is not among it."""
    schedules, unreadable = known_schedules(paused)
    spans = {
        pk: Span(begin, end)
        for pk, (begin, end) in ((pk, _with_begin(pk, pauses[pk])) for pk in paused.ids)
        if begin is not None and begin < end
    }
    plans, refused = plans_of([one for one in schedules if one.row.id in spans], spans, now)
    return plans, [*unreadable, *refused]


def _with_begin(schedule_id: int, pause: Pause) -> Pause:
    return (pause[0] or _first_skipped(schedule_id), pause[1])


def _first_skipped(schedule_id: int) -> datetime | None:
    """Return where the last span begins that a pause has skipped, for one set in another way."""
    runs = Run.objects.filter(schedule=schedule_id, kind=Kind.SCHEDULED).order_by("-due_at")
    last = runs.values_list("state", "reason", "due_at").first()
    if last is None or (last[0], last[1]) != (State.SKIPPED, "paused"):
        return None
    return last[2]


def _catch_up(
    plans: Sequence[Plan],
    asker: Asker,
    missed: Missed,
    why: str,
    now: datetime,
) -> int:
    """Write what is to run; return how many occurrences. Raises ActionRefusedError."""
    plans = [found for found in plans if found.instants]
    if missed is Missed.ALL:
        require_few(plans)
        insert_backfills(plans, asker, why=f"Missed in a pause. {why}".strip(), now=now)
        return sum(len(found.instants) for found in plans)
    schedules, _ = known_schedules(Permitted({one.schedule_id: one.name for one in plans}))
    schedules, _ = sound_ones(schedules)
    latest = {found.schedule_id: found.instants[-1] for found in plans}
    return len(insert([_latest(known.row, latest, asker, now) for known in schedules]))


def _latest(row: ScheduleRow, latest: Mapping[int, datetime], asker: Asker, now: datetime) -> Run:
    kind, work = Kind.BACKFILL, work_of(row)
    return run_asked_for(
        new_run_id(now), row, work, kind, latest[row.id], asker, now, overlap=overlap_of(row)
    )
