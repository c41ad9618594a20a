"""Who may do what on the admin's pages of schedules: what `deciding` says, for each schedule."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask

from beat.access.deciding import Act, allowed, may


class ScheduleAccess:
    """For the admin of schedules. Without a schedule: whether the person may do it to any."""

    def has_view_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Return whether the person may see schedules."""
        return may(person(request), Act.VIEW, obj) or may(person(request), Act.CHANGE, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may add schedules."""
        return may(person(request), Act.ADD)

    def has_change_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Return whether the person may change the schedule."""
        return may(person(request), Act.CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Return whether the person may delete the schedule."""
        return may(person(request), Act.DELETE, obj)

    def has_operate_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Return whether the person may run, pause and resume the schedule."""
        return may(person(request), Act.OPERATE, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        """Delete many, all or nothing: PermissionDenied when one of them is not to be deleted."""
        if queryset.exclude(pk__in=allowed(person(request), Act.DELETE, queryset)).exists():
            raise PermissionDenied
        super().delete_queryset(request, queryset)  # type: ignore[misc]


def person(request: HttpRequest) -> User | AnonymousUser:
    """Return who sent the request, as the sites's own kind of user."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]
