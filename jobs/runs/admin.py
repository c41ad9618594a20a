"""Runs and workers in the admin: to read, never to write; runs are ended and started again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import FieldTextFilter

from jobs.runs import by_hand, interested
from jobs.runs.admin_filters import BoundedChangeList, ScheduleFilter, SpanFilter, StateFilter
from jobs.runs.heartbeats import verdict
from jobs.runs.models import Attempt, Run, RunLog, Worker
from jobs.runs.pages import PAGE_SIZE
from jobs.runs.read_only_admin import ReadOnlyAdmin

MOST_AT_ONCE = 1_000
# What the trail calls what the buttons say.
TOLD_AS = {"Start again": "retry", "Cancel": "cancel"}

Act = Callable[[UUID, AbstractBaseUser | None, datetime], by_hand.Answer]


class ReadOnlyInline(StackedInline):  # type: ignore[misc]
    """Rows that belong to a run; who may view the run may view them."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may view runs."""
        return request.user.has_perm("runs.view_run")


class Attempts(ReadOnlyInline):
    """The attempts before the last one."""

    model = Attempt
    verbose_name_plural = "earlier attempts"


class Logs(ReadOnlyInline):
    """What the attempts wrote."""

    model = RunLog


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """The ledger's rows. Nobody may add, change or delete one here: it is a record."""

    nothing = "Nothing has run yet"
    when_empty = "Runs appear here as soon as a schedule is due or a task is called."
    list_display = ("title", "state", "due_at", "duration", "attempt", "worker")
    list_filter = (
        ("state", StateFilter),
        "kind",
        ScheduleFilter,
        ("task", FieldTextFilter),
        ("worker", FieldTextFilter),
        ("due_at", SpanFilter),
    )
    list_filter_submit = True
    list_per_page = PAGE_SIZE
    ordering = ("-due_at", "-id")
    sortable_by = ("due_at",)
    list_select_related = False
    inlines = (Attempts, Logs)
    fieldsets = (
        (None, {"fields": ("state", "reason_text", "reason", "attempt", "failures", "losses")}),
        ("What", {"fields": ("task", "schedule", "schedule_name", "kind", "asked_by", "parent")}),
        (
            "Life",
            {
                "fields": (
                    "due_at", "publish_at", "queued_at", "started_at", "finished_at", "expires_at",
                    "cancel_requested_at", "missed_count", "missed_until", "worker", "worker_id",
                )
            },
        ),
        ("What it was given", {"fields": ("args", "kwargs", "canvas", "is_whole")}),
        ("What came of it", {"fields": ("result", "progress", "error", "traceback")}),
        (
            "Its rules",
            {
                "fields": (
                    "overlap", "soft_time_limit_seconds", "time_limit_seconds", "max_attempts",
                    "max_losses", "backoff_seconds", "longest_backoff_seconds", "retry_on",
                    "concurrency_key", "concurrency_slot",
                )
            },
        ),
        (
            "Its way",
            {
                "fields": (
                    "queue", "exchange", "routing_key", "priority", "headers", "published_by",
                    "publish_lease_until",
                )
            },
        ),
    )  # fmt: skip
    actions = ("retry_selected", "cancel_selected")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        """Return the list that reads a bounded number of rows."""
        return BoundedChangeList

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may start runs again."""
        return request.user.has_perm("runs.retry_run")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may end runs."""
        return request.user.has_perm("runs.cancel_run")

    @admin.action(description="Start selected runs again", permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[Run]
    ) -> TemplateResponse | None:
        """Ask once, then start each again that can be."""
        return self._asked_or_done(request, queryset, "Start again", by_hand.retry)

    @admin.action(description="Cancel selected runs", permissions=["cancel"])
    def cancel_selected(
        self, request: HttpRequest, queryset: QuerySet[Run]
    ) -> TemplateResponse | None:
        """Ask once, then end each that is under way."""

        def cancel(run_id: UUID, by: AbstractBaseUser | None, now: datetime) -> by_hand.Answer:
            return by_hand.cancel(run_id, by, "", now)

        return self._asked_or_done(request, queryset, "Cancel", cancel)

    def _asked_or_done(
        self, request: HttpRequest, queryset: QuerySet[Run], what: str, act: Act
    ) -> TemplateResponse | None:
        runs = list(queryset.order_by("due_at", "id")[: MOST_AT_ONCE + 1])
        if len(runs) > MOST_AT_ONCE:
            text = f"Choose at most {MOST_AT_ONCE:,} runs at once. Nothing was done."
            self.message_user(request, text, messages.ERROR)
            return None
        if not request.POST.get("is_confirmed"):
            return self._question(request, runs, what)
        answers = [self._answer(act, run, request, what) for run in runs]
        self._tell(request, what, answers)
        return None

    def _question(self, request: HttpRequest, runs: list[Run], what: str) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{what}: {len(runs):,} {'run' if len(runs) == 1 else 'runs'}?",
            "opts": self.opts,
            "runs": runs,
            "what": what,
            "action": request.POST["action"],
        }
        return TemplateResponse(request, "admin/runs/run/question.html", context)

    def _answer(self, act: Act, run: Run, request: HttpRequest, what: str) -> by_hand.Answer:
        person = request.user if isinstance(request.user, AbstractBaseUser) else None
        try:
            answer = act(run.id, person, timezone.now())
        except Run.DoesNotExist:
            return by_hand.Answer(False, "It is not kept any more.")
        if answer.is_done:
            interested.tell(request, run, TOLD_AS[what])
        return answer

    def _tell(self, request: HttpRequest, what: str, answers: list[by_hand.Answer]) -> None:
        refused = [answer.sentence for answer in answers if not answer.is_done]
        done = len(answers) - len(refused)
        if done:
            self.message_user(request, f"{what}: done for {done:,}.", messages.SUCCESS)
        if refused:
            text = f"{what}: refused for {len(refused):,}. The first: {refused[0]}"
            self.message_user(request, text, messages.WARNING)


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """The lives of workers, as each writes it down."""

    nothing = "No worker has started yet"
    when_empty = "Start one with “celery -A scheduler_site worker”; it appears here by itself."
    list_display = (
        "name", "verdict", "host", "pid", "concurrency", "running_count", "started_at",
        "heartbeat_at", "stopped_at",
    )  # fmt: skip
    ordering = ("-heartbeat_at",)
    search_fields = ("name", "host")

    @admin.display(description="is")
    def verdict(self, worker: Worker) -> str:
        """Return whether it is well, in words."""
        lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
        return verdict(worker, timezone.now(), lease).word
