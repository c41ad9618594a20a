"""What a backfill would do: which instants, and which of the span it leaves out and why."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from beat.actions.outcome import ActionRefusedError, Refusal
from beat.actions.permitted import chunks
from beat.actions.reading import Known
from beat.backfills.instants import Span, occurrences
from beat.claim.due_timers import Readings
from beat.definition import BrokenScheduleError
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

# All schedules of one question together may have so many occurrences in their spans.
MOST_EXAMINED = 100_000
MOST_OCCURRENCES = 10_000
# What never ran: such an occurrence may be made up for.
NEVER_RAN = (State.SKIPPED, State.MISSED, State.EXPIRED)
OF_OCCURRENCES = (Kind.SCHEDULED, Kind.BACKFILL)

Instants = list[tuple[datetime, str]]


@dataclass(frozen=True)
class Plan:
    """The occurrences of a span: those to run, oldest first, and how many are left out and why."""

    schedule_id: int
    name: str
    instants: tuple[datetime, ...]
    have_run: int = 0
    excluded: int = 0


def plans_of(
    schedules: Sequence[Known], spans: Mapping[int, Span], now: datetime
) -> tuple[list[Plan], list[Refusal]]:
    """Return what a backfill of each schedule's span would run; refused are the broken ones.

    Left out is what has a run already, and what the calendar excludes. Two queries per 5,000
    schedules. Raises ActionRefusedError for more than MOST_EXAMINED occurrences.
    """
    found, refused = _occurrences(schedules, spans, now)
    taken = instants_with_runs({pk: spans[pk] for pk in found})
    names = {known.row.id: known.row.name for known in schedules}
    return [_plan(pk, names[pk], instants, taken[pk]) for pk, instants in found.items()], refused


def _occurrences(
    schedules: Sequence[Known], spans: Mapping[int, Span], now: datetime
) -> tuple[dict[int, Instants], list[Refusal]]:
    readings = Readings({known.row.id: known.row for known in schedules}, now)
    found: dict[int, Instants] = {}
    refused: list[Refusal] = []
    left = MOST_EXAMINED
    for known in schedules:
        row = known.row
        try:
            instants = occurrences(row, known.anchor_at, _claimed(spans[row.id], known), readings)
            found[row.id] = list(islice(instants, left + 1))
        except BrokenScheduleError as problem:
            refused.append(Refusal(row.id, row.name, problem.text))
            continue
        left -= len(found[row.id])
        if left < 0:
            raise ActionRefusedError(
                f"There are more than {MOST_EXAMINED:,} occurrences in the span. "
                "Choose a shorter one, or fewer schedules."
            )
    return found, refused


def _claimed(span: Span, known: Known) -> Span:
    """Return the part of the span that beat has claimed: what it has yet to claim is its own."""
    if known.due_at is None or known.due_at >= span.before_at:
        return span
    return Span(span.from_at, max(known.due_at, span.from_at))


def _plan(pk: int, name: str, instants: Instants, taken: Collection[datetime]) -> Plan:
    due = [due_at for due_at, why in instants if not why]
    chosen = tuple(due_at for due_at in due if due_at not in taken)
    return Plan(pk, name, chosen, len(due) - len(chosen), len(instants) - len(due))


def instants_with_runs(spans: Mapping[int, Span]) -> Mapping[int, set[datetime]]:
    """Return the instants of each schedule's span that ran, or are to run.

    A backfill's own runs count whatever became of them: their identity is taken. Served by
    run_by_schedule.
    """
    found: defaultdict[int, set[datetime]] = defaultdict(set)
    for ids in chunks(spans):
        runs = Run.objects.filter(
            schedule__in=ids,
            due_at__gte=min(spans[pk].from_at for pk in ids),
            due_at__lt=max(spans[pk].before_at for pk in ids),
            kind__in=OF_OCCURRENCES,
        ).exclude(kind=Kind.SCHEDULED, state__in=NEVER_RAN)
        for pk, due_at in runs.values_list("schedule_id", "due_at").iterator():
            if pk is not None:
                found[pk].add(due_at)
    return found


def require_few(plans: Sequence[Plan]) -> None:
    """Raise ActionRefusedError for more runs than a backfill may make."""
    total = sum(len(found.instants) for found in plans)
    if total > MOST_OCCURRENCES:
        raise ActionRefusedError(
            f"There are {total:,} occurrences to run, and a backfill runs at most "
            f"{MOST_OCCURRENCES:,}. Choose a shorter span or fewer schedules."
        )


def seconds_at_this_pace(
    count: int, at_most: int, pace_seconds: int, run_seconds: float | None
) -> float | None:
    """Return how long `count` runs take, or None where nobody knows how long one does.

    Each starts `pace_seconds` after the one before, and `at_most` are under way at once.
    """
    if count == 0:
        return 0.0
    if run_seconds is None:
        return (count - 1) * float(pace_seconds) if pace_seconds else None
    step = max(float(pace_seconds), run_seconds / at_most)
    return (count - 1) * step + run_seconds


def usual_seconds(schedule_ids: Collection[int], last: int = 50) -> float | None:
    """Return how long the last runs of these schedules took on average; None without any."""
    runs = Run.objects.filter(schedule__in=list(schedule_ids)[:100], state=State.SUCCEEDED)
    pairs = runs.order_by("-due_at").values_list("started_at", "finished_at")[:last]
    took = [end - begin for begin, end in pairs if begin and end]
    return sum(took, timedelta()).total_seconds() / len(took) if took else None
