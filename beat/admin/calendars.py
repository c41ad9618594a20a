"""Calendars and their days."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin, TabularInline

from beat.access.asker import Asker
from beat.access.shared_admin import SharedAccess
from beat.audit.admin_recording import Affected, RecordedAdmin
from beat.audit.history_admin import TrailInHistory
from beat.audit.recording import record
from beat.forms.calendars import CalendarEntryForm, CalendarForm
from beat.models import Calendar, CalendarEntry


class CalendarEntries(TabularInline):  # type: ignore[misc]
    """The days of a calendar."""

    model = CalendarEntry
    form = CalendarEntryForm
    extra = 1


@admin.register(Calendar)
class CalendarAdmin(SharedAccess, TrailInHistory, RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """Days and windows on which schedules are not due, or on which alone they are."""

    form = CalendarForm
    list_display = ("name", "allows", "timezone", "country", "subdivision")
    search_fields = ("name",)
    inlines = (CalendarEntries,)

    def schedules_of(self, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that go by the calendar."""
        schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.order_by("name")
        return schedules.filter(policy__calendar=obj)

    def affected(self, ids: Sequence[int]) -> Affected:
        """Return the calendars; schedules say themselves only by which of them they go."""
        return {Calendar: set(ids)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record the change, also with each schedule that goes by the calendar."""
        super().save_related(request, form, formsets, change)
        calendar = form.instance
        is_changed = form.has_changed() or any(days.has_changed() for days in formsets)
        if not (change and is_changed):
            return
        names = self.schedules_of(calendar).values_list("pk", "name")
        seen = {pk: {"name": name} for pk, name in names}
        why = f"The calendar {calendar.name}; its own history says what."
        record(Asker.of_request(request), "edit of its calendar", seen, seen, note=why, always=True)
