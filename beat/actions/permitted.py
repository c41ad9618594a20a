"""Which of the schedules that were named an action may touch, and why not the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.deciding import OWNED_BY_CODE, Act, allowed
from beat.actions.outcome import ActionRefusedError, Refusal
from beat.models import CodeSchedule, ScheduleDetails

MOST_AT_ONCE = 10_000
# SQLite binds at most 32,766 values in one statement.
ROWS_PER_QUERY = 5_000

T = TypeVar("T")

PERMISSIONS = {
    Act.VIEW: "see schedules",
    Act.OPERATE: "operate schedules",
    Act.CHANGE: "change schedules",
    Act.ADD: "add schedules",
    Act.DELETE: "delete schedules",
}


@dataclass(frozen=True)
class Permitted:
    """The names of the schedules that may be touched, by id, and the refusals of the others."""

    names: dict[int, str] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Return the ids that may be touched, in the order in which they were named."""
        return list(self.names)


def permitted(schedule_ids: Iterable[int], asker: Asker, act: Act) -> Permitted:
    """Return what the asker may do this to; raises ActionRefusedError for too many at once.

    Whoever asks at the command line is trusted, but what the code owns is changed there alone.
    A handful of queries per 5,000 schedules.
    """
    wanted = list(dict.fromkeys(schedule_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise ActionRefusedError(
            f"These are {len(wanted):,} schedules. Choose at most {MOST_AT_ONCE:,} at once."
        )
    found = Permitted()
    for chunk in chunks(wanted):
        names, free = _names(chunk), _free(chunk, asker, act)
        reasons = _reasons([pk for pk in chunk if pk not in free], asker, act, names)
        found.names.update((pk, names[pk]) for pk in chunk if pk in free)
        found.refused.extend(reasons)
    return found


def chunks(items: Iterable[T], size: int = ROWS_PER_QUERY) -> Iterator[list[T]]:
    """Yield the items in lists of a length that one statement can hold."""
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


def _names(ids: Sequence[int]) -> dict[int, str]:
    return dict(PeriodicTask.objects.filter(pk__in=ids).values_list("pk", "name"))


def _free(ids: Sequence[int], asker: Asker, act: Act) -> set[int]:
    schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.filter(pk__in=ids)
    if asker.user_id is not None:
        user = User.objects.filter(pk=asker.user_id).first()
        schedules = schedules.none() if user is None else allowed(user, act, schedules)
    elif act in OWNED_BY_CODE:
        schedules = schedules.exclude(code__is_in_code=True)
    return set(schedules.values_list("pk", flat=True))


def _reasons(
    ids: Sequence[int], asker: Asker, act: Act, names: dict[int, str]
) -> Iterator[Refusal]:
    if not ids:
        return
    user = User.objects.filter(pk=asker.user_id).first() if asker.user_id else None
    lacks = asker.user_id is not None and (user is None or not user.has_perm(act))
    in_code = set(
        CodeSchedule.objects.filter(pk__in=ids, is_in_code=True).values_list("pk", flat=True)
    )
    owners = dict(
        ScheduleDetails.objects.filter(pk__in=ids, owner__isnull=False).values_list(
            "pk", "owner__name"
        )
    )
    for pk in ids:
        if pk not in names:
            why = "It is gone: somebody has deleted it."
        elif lacks:
            why = f"You need the permission to {PERMISSIONS[act]}. Ask an admin for it."
        elif act in OWNED_BY_CODE and pk in in_code:
            why = "It comes from the code and is changed there; here it can be run and paused."
        else:
            why = f'It belongs to the group "{owners.get(pk, "?")}", whose members alone may do it.'
        yield Refusal(pk, names.get(pk, f"schedule {pk}"), why)
