"""The order by next run, read along the timers' own index and not from all schedules."""

from typing import Any

from django.db.models import QuerySet

# Beat's index timer_due holds exactly these timers. One that is being worked out shows no instant.
HAS_NEXT_RUN = {"timer__due_at__isnull": False, "timer__is_stale": False}


def ids_by_next_run(
    schedules: QuerySet[Any], first: int, end: int, is_latest_first: bool
) -> list[int]:
    """Return the ids in the places from `first` up to `end`; those with no next run come last.

    In either direction: who looks for the latest run does not look for none. One query, and three
    for the pages at the end: there it is counted how many have a next run, by the index alone.
    """
    due_at = "-timer__due_at" if is_latest_first else "timer__due_at"
    with_one = schedules.filter(**HAS_NEXT_RUN).order_by(due_at, "pk")
    ids = _ids(with_one, first, end)
    if len(ids) == end - first:
        return ids
    before = first + len(ids) if ids or not first else with_one.count()
    without = schedules.exclude(**HAS_NEXT_RUN).order_by("name")
    return ids + _ids(without, max(0, first - before), end - before)


def _ids(schedules: QuerySet[Any], first: int, end: int) -> list[int]:
    return list(schedules.values_list("pk", flat=True)[first:end])
