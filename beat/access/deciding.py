"""Who may do what to which schedule: the one place that decides it, for every way to ask."""

from enum import StrEnum

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django_celery_beat.models import PeriodicTask

from beat.models import CodeSchedule

Person = User | AnonymousUser


class Act(StrEnum):
    """What can be done to a schedule; the value is the permission that it needs."""

    VIEW = "django_celery_beat.view_periodictask"
    OPERATE = "beat.operate_schedule"
    CHANGE = "django_celery_beat.change_periodictask"
    ADD = "django_celery_beat.add_periodictask"
    DELETE = "django_celery_beat.delete_periodictask"


# What the code may take back at its next start.
OWNED_BY_CODE = frozenset({Act.CHANGE, Act.DELETE})
# To see is not to touch: the owner narrows the others.
NOT_NARROWED = frozenset({Act.VIEW, Act.ADD})


def may(user: Person, act: Act, schedule: PeriodicTask | None = None) -> bool:
    """Return whether the person may do this, at all or to one schedule; reads the database."""
    if schedule is None or schedule.pk is None or act is Act.ADD:
        return user.has_perm(act)
    return allowed(user, act, PeriodicTask.objects.filter(pk=schedule.pk)).exists()


def allowed(
    user: Person, act: Act, schedules: "QuerySet[PeriodicTask]"
) -> "QuerySet[PeriodicTask]":
    """Return those of the schedules to which the person may do this.

    An inactive person may nothing. A superuser is not narrowed by owners, but by the code.
    """
    if not user.has_perm(act):
        return schedules.none()
    if act in OWNED_BY_CODE:
        schedules = schedules.exclude(code__is_in_code=True)
    if act in NOT_NARROWED or user.is_superuser:
        return schedules
    mine = Q(details__owner__isnull=True) | Q(details__owner__in=user.groups.all())
    return schedules.filter(mine)


def of_others(user: Person, schedules: "QuerySet[PeriodicTask]") -> "QuerySet[PeriodicTask]":
    """Return those of the schedules that belong to a group in which the person is not."""
    if user.is_superuser:
        return schedules.none()
    owned = schedules.filter(details__owner__isnull=False)
    return owned.exclude(details__owner__in=user.groups.all())


def why_read_only(schedule: PeriodicTask) -> str:
    """Return why nobody may change or delete the schedule here, and what to do; else nothing."""
    code = CodeSchedule.objects.filter(schedule_id=schedule.pk, is_in_code=True).first()
    if code is None:
        return ""
    return (
        f"This schedule comes from the code ({code.get_source_display()}) and is changed there. "
        "It can be run, paused and resumed here."
    )
