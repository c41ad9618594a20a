"""The rules of time that schedules share, as rows of their own."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_celery_beat import admin as stock
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin

from beat.access.rules_in_use import COLUMNS, schedules_using, why_not_deleted
from beat.access.shared_admin import SharedAccess
from beat.audit.admin_recording import Affected, RecordedAdmin
from beat.audit.history_admin import TrailInHistory

SCHEDULES_SHOWN = 20

for model in COLUMNS:
    admin.site.unregister(model)


class RuleAdmin(SharedAccess, TrailInHistory, RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """What the rules of time have in common: the schedules that use them, who keep them."""

    show_full_result_count = False
    instead = (
        "To have a schedule of yours run at other times, open that schedule and say so under "
        "“When”: it gets a rule of its own."
    )
    readonly_fields: tuple[str, ...] = ("used_by",)

    def schedules_of(self, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that use the rule."""
        return schedules_using(obj)

    def out_of_reach(self, request: HttpRequest, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that others own, and those whose rule is written in the code."""
        using = self.schedules_of(obj)
        return super().out_of_reach(request, obj) | using.filter(code__is_in_code=True)

    def affected(self, ids: Sequence[int]) -> Affected:
        """Return the rules and the schedules that use them."""
        using = PeriodicTask.objects.filter(**{f"{COLUMNS[self.model]}__in": ids})
        return {self.model: set(ids), PeriodicTask: set(using.values_list("pk", flat=True))}

    def get_deleted_objects(
        self, objs: Sequence[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Return what Django asks before it deletes: a used rule is protected, with a sentence."""
        used = [(rule, list(schedules_using(rule)[:SCHEDULES_SHOWN])) for rule in objs]
        protected = [why_not_deleted(rule, using) for rule, using in used if using]
        names = [str(rule) for rule in objs]
        allowed = all(self.has_delete_permission(request, rule) for rule in objs)
        lacking = set() if allowed or protected else {str(self.opts.verbose_name)}
        return names, {str(self.opts.verbose_name_plural): len(names)}, lacking, protected

    @admin.display(description="used by")
    def used_by(self, rule: Any) -> SafeString | str:
        """Return links to the schedules that use the rule; the first of many."""
        using = list(schedules_using(rule)[: SCHEDULES_SHOWN + 1]) if rule.pk else []
        if not using:
            return "No schedule. It may be deleted."
        address = "admin:django_celery_beat_periodictask_change"
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            [(reverse(address, args=[each.pk]), each.name) for each in using[:SCHEDULES_SHOWN]],
        )
        more = " and others" if len(using) > SCHEDULES_SHOWN else ""
        return format_html("{}{}. What is changed here changes them all.", links, more)


@admin.register(IntervalSchedule)
class IntervalAdmin(RuleAdmin):
    """Every so many seconds, minutes, hours or days."""


@admin.register(CrontabSchedule)
class CrontabAdmin(RuleAdmin):
    """By the five fields of a crontab."""

    list_display = ("__str__", "human_readable")
    readonly_fields = ("human_readable", "used_by")
    fields = (*stock.CrontabScheduleAdmin.fields, "used_by")


@admin.register(SolarSchedule)
class SolarAdmin(RuleAdmin):
    """By sunrise, sunset and their like at a place."""


@admin.register(ClockedSchedule)
class ClockedAdmin(RuleAdmin):
    """Once, at an instant."""

    fields = ("clocked_time", "used_by")
    list_display = ("clocked_time",)
