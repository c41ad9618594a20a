"""The rules of time that schedules share, as rows of their own."""

from django.contrib import admin
from django_celery_beat import admin as stock
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
)
from unfold.admin import ModelAdmin, TabularInline

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule):
    admin.site.unregister(model)


class SchedulesUsingIt(stock.PeriodicTaskInline, TabularInline):  # type: ignore[misc]
    """The schedules that share a rule."""


class RuleAdmin(ModelAdmin):  # type: ignore[misc]
    """What the rules of time have in common: the list of schedules that use them."""

    inlines = (SchedulesUsingIt,)


@admin.register(IntervalSchedule)
class IntervalAdmin(RuleAdmin):
    """Every so many seconds, minutes, hours or days."""


@admin.register(CrontabSchedule)
class CrontabAdmin(RuleAdmin):
    """By the five fields of a crontab."""

    list_display = ("__str__", "human_readable")
    readonly_fields = ("human_readable",)
    fields = stock.CrontabScheduleAdmin.fields


@admin.register(SolarSchedule)
class SolarAdmin(RuleAdmin):
    """By sunrise, sunset and their like at a place."""


@admin.register(ClockedSchedule)
class ClockedAdmin(RuleAdmin):
    """Once, at an instant."""

    fields = ("clocked_time",)
    list_display = ("clocked_time",)
