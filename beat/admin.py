"""The admin of schedules: django-celery-beat's five models, policies and calendars."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django_celery_beat import admin as stock
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from beat.forms import CalendarEntryForm, CalendarForm, PolicyForm, ScheduleForm
from beat.heartbeats import verdict
from beat.models import Beat, Calendar, CalendarEntry, Policy, Timer
from jobs.runs.read_only_admin import ReadOnlyAdmin

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)
for account in (User, Group):
    admin.site.unregister(account)


class PolicyInline(StackedInline):  # type: ignore[misc]
    """A schedule's rules beyond "when"; without a row it has the defaults."""

    model = Policy
    form = PolicyForm
    fieldsets = (
        (None, {"fields": ("overlap", "is_paused", "paused_until", "pause_reason", "calendar")}),
        (
            "When occurrences were missed",
            {
                "fields": (
                    ("catch_up", "catch_up_window_seconds"),
                    ("catch_up_limit", "catch_up_pace_seconds"),
                )
            },
        ),
        (
            "Limits and retries",
            {
                "fields": (
                    ("soft_time_limit_seconds", "time_limit_seconds"),
                    ("max_attempts", "max_losses"),
                    ("backoff_seconds", "longest_backoff_seconds"),
                    "retry_on",
                )
            },
        ),
        ("Time", {"fields": ("jitter_seconds", ("in_gap", "repeated"))}),
        (
            "How long its runs are kept",
            {"fields": (("runs_kept_days", "failures_kept_days"), "runs_kept_at_least")},
        ),
    )


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


@admin.register(PeriodicTask)
class ScheduleAdmin(stock.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]
    """Schedules. The bulk actions need the permission to change; stock lets every viewer run."""

    form = ScheduleForm
    list_display = ("name", "enabled", "scheduler", "next_due", "set_aside", "task", "last_run_at")
    list_filter = ("enabled", SetAsideFilter, "one_off", "task", "start_time", "last_run_at")
    list_filter_submit = True
    date_hierarchy = None
    inlines = (PolicyInline,)
    readonly_fields = (*stock.PeriodicTaskAdmin.readonly_fields, "next_due", "set_aside")
    fieldsets = (
        *stock.PeriodicTaskAdmin.fieldsets,
        ("What beat makes of it", {"fields": ("next_due", "set_aside")}),
    )

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

    @admin.action(description="Enable selected schedules", permissions=["change"])
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch the selected schedules on."""
        super().enable_tasks(request, queryset)

    @admin.action(description="Disable selected schedules", permissions=["change"])
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch the selected schedules off."""
        super().disable_tasks(request, queryset)

    @admin.action(description="Toggle selected schedules", permissions=["change"])
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch what is on off, and what is off on."""
        super().toggle_tasks(request, queryset)

    @admin.action(description="Run selected schedules now", permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Publish the selected schedules' tasks at once."""
        super().run_tasks(request, queryset)


def _timer_of(schedule: PeriodicTask) -> Timer | None:
    """Return the schedule's timer; None before beat or the database has made it."""
    timer: Timer | None = getattr(schedule, "timer", None)
    return timer


class CalendarEntries(TabularInline):  # type: ignore[misc]
    """The days of a calendar."""

    model = CalendarEntry
    form = CalendarEntryForm
    extra = 1


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):  # type: ignore[misc]
    """Days and windows on which schedules are not due, or on which alone they are."""

    form = CalendarForm
    list_display = ("name", "allows", "timezone", "country", "subdivision")
    search_fields = ("name",)
    inlines = (CalendarEntries,)


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


@admin.register(Beat)
class BeatAdmin(ReadOnlyAdmin):
    """The beats that there are, and what each has achieved."""

    list_display = (
        "name", "verdict", "host", "pid", "started_at", "last_tick_at", "last_claim_at",
        "last_publish_at", "claimed_count", "published_count",
    )  # fmt: skip
    ordering = ("-last_tick_at",)

    @admin.display(description="is")
    def verdict(self, beat: Beat) -> str:
        """Return whether it makes progress, in words."""
        return verdict(beat, timezone.now()).word


@admin.register(User)
class UserAdmin(auth_admin.UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """People."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of people."""
