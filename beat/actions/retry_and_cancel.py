"""Runs of schedules by hand: failed ones are started again, those under way are ended."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import Outcome, Refusal, counted
from beat.actions.permitted import Permitted, permitted
from beat.audit.recording import record, snapshot
from jobs.runs import by_hand
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, UNDER_WAY, Kind

MOST_RUNS = 1_000
RETRY = "runs.retry_run"
CANCEL = "runs.cancel_run"

Do = Callable[[UUID, User | None, datetime], by_hand.Answer]


def retry_failed(
    schedule_ids: Iterable[int], asker: Asker, *, since: datetime, why: str = ""
) -> Outcome:
    """Start the failed and lost runs due since the instant again, each once, the oldest first.

    At most MOST_RUNS; what was started again before is left alone. `made` are the new runs.
    """
    those = _with_permission(schedule_ids, asker, RETRY, "start runs again")
    runs = failed_runs(those.ids, since)
    return _done(those, runs, by_hand.retry, asker, "retry failed runs", "Started again", why)


def cancel_runs(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Cancel the runs under way of the schedules; those that run are asked to end.

    At most MOST_RUNS, the oldest first.
    """
    those = _with_permission(schedule_ids, asker, CANCEL, "cancel runs")

    def cancel(run_id: UUID, by: User | None, now: datetime) -> by_hand.Answer:
        return by_hand.cancel(run_id, by, why, now)

    runs = runs_under_way(those.ids)
    return _done(those, runs, cancel, asker, "cancel runs", "Cancelled", why)


def failed_runs(schedule_ids: Sequence[int], since: datetime) -> QuerySet[Run]:
    """Return the failed runs due since then that nobody has started again."""
    again = Run.objects.filter(parent=OuterRef("pk"), kind=Kind.RETRY)
    failed = Run.objects.filter(
        schedule__in=schedule_ids, state__in=FAILURES, due_at__gte=since, is_whole=True
    )
    return failed.exclude(kind=Kind.REHEARSAL).filter(~Exists(again)).order_by("due_at", "id")


def runs_under_way(schedule_ids: Sequence[int]) -> QuerySet[Run]:
    """Return the runs that are not over."""
    runs = Run.objects.filter(schedule__in=schedule_ids, state__in=UNDER_WAY)
    return runs.order_by("due_at", "id")


def _with_permission(
    schedule_ids: Iterable[int], asker: Asker, permission: str, words: str
) -> Permitted:
    """Return the schedules that may be operated, if the asker has this permission too."""
    those = permitted(schedule_ids, asker, Act.OPERATE)
    user = _person(asker)
    if user is None or user.has_perm(permission):
        return those
    why = f"You need the permission to {words}. Ask an admin for it."
    lacking = [Refusal(pk, name, why) for pk, name in those.names.items()]
    return Permitted({}, [*those.refused, *lacking])


def _done(
    those: Permitted,
    runs: QuerySet[Run],
    do: Do,
    asker: Asker,
    action: str,
    what: str,
    why: str,
) -> Outcome:
    person, now = _person(asker), timezone.now()
    chosen = list(runs.values_list("id", "schedule_id")[: MOST_RUNS + 1])
    answers = [(pk, do(run_id, person, now)) for run_id, pk in chosen[:MOST_RUNS]]
    done = [(pk, answer) for pk, answer in answers if answer.is_done and pk is not None]
    touched = list(dict.fromkeys(pk for pk, _ in done))
    with transaction.atomic():
        seen = snapshot(touched)
        record(asker, action, seen, seen, why, f"{counted(len(done), 'run')}", always=True)
    more = " There are more: ask again for the next ones." if len(chosen) > MOST_RUNS else ""
    left = len(answers) - len(done)
    note = f"{counted(left, 'run')} could not be.{more}" if left else more.strip()
    made = [answer.run.id for _, answer in done if answer.run is not None]
    return Outcome(what, touched, those.refused, made, note, counted="run", count=len(done))


def _person(asker: Asker) -> User | None:
    return User.objects.filter(pk=asker.user_id).first() if asker.user_id else None
