"""Schedules: their list, their actions and the page of each."""

from django.contrib import admin
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from beat.admin.schedule_actions import ScheduleActions
from beat.admin.schedule_editor import ScheduleEditor
from beat.admin.schedule_list import ScheduleList

admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class ScheduleAdmin(ScheduleList, ScheduleActions, ScheduleEditor, ModelAdmin):  # type: ignore[misc]
    """Schedules."""
