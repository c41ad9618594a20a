"""The list of schedules: its columns, filters and order."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django_celery_beat import admin as stock
from django_celery_beat.models import PeriodicTask

from beat.models import Timer


class SetAsideFilter(admin.SimpleListFilter):
    """Which schedules cannot be computed or published."""

    title = "set aside"
    parameter_name = "set_aside"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Set aside, with a reason"), ("no", "In order")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the schedules of the choice."""
        if self.value() == "yes":
            return queryset.exclude(timer__set_aside_reason="").filter(timer__isnull=False)
        if self.value() == "no":
            return queryset.filter(timer__set_aside_reason="")
        return queryset


class ScheduleList(stock.PeriodicTaskAdmin):  # type: ignore[misc]
    """What the list of schedules shows."""

    list_display = ("name", "enabled", "scheduler", "next_due", "set_aside", "task", "last_run_at")
    list_filter = ("enabled", SetAsideFilter, "one_off", "task", "start_time", "last_run_at")
    list_filter_submit = True
    date_hierarchy = None

    @admin.display(description="next due", ordering="timer__due_at")
    def next_due(self, schedule: PeriodicTask) -> str:
        """Return the next occurrence as all dates are written; words where there is none."""
        timer = _timer_of(schedule)
        if timer is None or timer.is_stale:
            return "being worked out"
        if timer.due_at is None:
            return "not due"
        return date_format(timezone.localtime(timer.due_at), "DATETIME_FORMAT")

    @admin.display(description="set aside", ordering="timer__set_aside_reason")
    def set_aside(self, schedule: PeriodicTask) -> str:
        """Return why beat cannot use the schedule, and what to do."""
        timer = _timer_of(schedule)
        return (timer.set_aside_text or timer.set_aside_reason or "no") if timer else "no"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the schedules with their timers, in one query."""
        schedules: QuerySet[Any] = super().get_queryset(request).select_related("timer")
        return schedules

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list without the warning that stock has for every scheduler but its own."""
        page: HttpResponse = super(stock.PeriodicTaskAdmin, self).changelist_view(
            request, extra_context
        )
        return page


def _timer_of(schedule: PeriodicTask) -> Timer | None:
    """Return the schedule's timer; None before beat or the database has made it."""
    timer: Timer | None = getattr(schedule, "timer", None)
    return timer
