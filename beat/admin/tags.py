"""Tags, which schedules are filed under."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from beat.access.shared_admin import SharedAccess
from beat.audit.admin_recording import Affected, RecordedAdmin
from beat.models import Tag


@admin.register(Tag)
class TagAdmin(SharedAccess, RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """Renaming one renames it on all its schedules; deleting one takes it off them."""

    list_display = ("name",)
    search_fields = ("name",)

    def schedules_of(self, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that have the tag."""
        schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.order_by("name")
        return schedules.filter(details__tags=obj)

    def out_of_reach(self, request: HttpRequest, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that others own, and those whose tags are written in a file."""
        having = self.schedules_of(obj)
        return super().out_of_reach(request, obj) | having.filter(code__is_in_code=True)

    def affected(self, ids: Sequence[int]) -> Affected:
        """Return the schedules that have the tags; a tag alone is nothing to record."""
        having = PeriodicTask.objects.filter(details__tags__in=ids)
        return {PeriodicTask: set(having.values_list("pk", flat=True))}
