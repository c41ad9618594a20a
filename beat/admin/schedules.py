"""Schedules: their list, their actions and the page of each."""

from django.contrib import admin
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from beat.access.schedule_admin import ScheduleAccess
from beat.admin.schedule_actions import ScheduleActions
from beat.admin.schedule_code import ScheduleCode
from beat.admin.schedule_editor import ScheduleEditor
from beat.admin.schedule_list import ScheduleList
from beat.admin.schedule_trail import ScheduleTrail

admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class ScheduleAdmin(
    ScheduleAccess,
    ScheduleTrail,
    ScheduleList,
    ScheduleActions,
    ScheduleCode,
    ScheduleEditor,
    ModelAdmin,  # type: ignore[misc]
):
    """Schedules."""
