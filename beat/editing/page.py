"""What the page of a schedule is made of, beside its forms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from beat.access.deciding import why_read_only
from beat.actions.skip_next import skipped_instants
from beat.arguments import task_names
from beat.audit.recording import snapshot
from beat.audit.trail import trail_of_schedule
from beat.editing.editor import Editor
from beat.editing.shown import Preview, preview_of
from beat.editing.zone_names import zone_names
from beat.lints.every import findings_of_schedule
from beat.schedule_list.showing import load_shown
from jobs.alerts.of_schedule import alerts_of

# Lines to begin with, for people who do not think in crontabs.
EXAMPLES = (
    ("0 9 * * *", "Every day at 09:00"),
    ("0 9 * * mon-fri", "Weekdays at 09:00"),
    ("0 * * * *", "Every hour"),
    ("*/15 * * * *", "Every 15 minutes"),
    ("0 8 * * mon", "Mondays at 08:00"),
    ("0 6 1 * *", "First of the month at 06:00"),
)

# Fields that most schedules leave alone, by their place on the page: title, form, names.
GROUPS = {
    "when": (
        ("Beginning and end", "schedule", ("start_time", "expires", "one_off")),
        (
            "Calendar, clock changes, spreading",
            "policy",
            ("calendar", "in_gap", "repeated", "jitter_seconds"),
        ),
    ),
    "rare": (
        (
            "Overlap and missed occurrences",
            "policy",
            (
                "overlap", "catch_up", "catch_up_window_seconds", "catch_up_limit",
                "catch_up_pace_seconds",
            ),
        ),
        (
            "Time limits and retries",
            "policy",
            (
                "soft_time_limit_seconds", "time_limit_seconds", "max_attempts", "max_losses",
                "backoff_seconds", "longest_backoff_seconds", "retry_on",
            ),
        ),
        (
            "Alerts",
            "policy",
            (
                "alert_to", "alert_on_failure", "alert_late_after_seconds",
                "alert_slow_after_seconds",
            ),
        ),
        (
            "Queue and message",
            "schedule",
            ("queue", "priority", "expire_seconds", "exchange", "routing_key", "headers"),
        ),
        (
            "How long its runs are kept",
            "policy",
            ("runs_kept_days", "failures_kept_days", "runs_kept_at_least"),
        ),
    ),
}  # fmt: skip


def context_of(request: HttpRequest, editor: Editor, *, is_read_only: bool) -> dict[str, Any]:
    """Return what the page's template needs."""
    stored = editor.stored
    context: dict[str, Any] = {
        "editor": editor,
        "preview": preview_of_request(editor, request),
        "is_read_only": is_read_only,
        "examples": EXAMPLES,
        "has_errors": any(form.is_bound and form.errors for form in editor.forms),
    }
    if stored is not None:
        [shown] = load_shown([stored.schedule.pk], editor.now) or [None]
        context["shown"] = shown.shown if shown else None
        context["comes_from"] = why_read_only(stored.schedule)
        context["trail"] = trail_of_schedule(stored.schedule)
        context["alerts"] = alerts_of(stored.schedule.pk)
        context["findings"] = findings_of_schedule(stored.schedule.pk, editor.now)
    if is_read_only and stored is not None:
        context["values"] = snapshot([stored.schedule.pk]).get(stored.schedule.pk, {})
        context["nothing"] = ("[]", "{}", "no")
    else:
        context |= {"zones": zone_names(), "tasks": task_names(), "groups": groups_of(editor)}
        context["arguments"] = editor.arguments
        context["arguments_address"] = reverse("admin:beat_schedule_arguments")
    return context


def preview_of_request(editor: Editor, request: HttpRequest) -> Preview:
    """Return the preview, by the browser's clock too when it has told its zone."""
    by_hand = skipped_instants(editor.stored.schedule.pk) if editor.stored else ()
    skipped = dict.fromkeys(by_hand, "Skipped by hand.")
    return preview_of(editor, request.POST.get("browser_zone", ""), skipped)


def groups_of(editor: Editor) -> dict[str, list[dict[str, Any]]]:
    """Return the closed groups of fields: title, fields, and whether to open it."""
    return {
        place: [_group(title, getattr(editor, form), names) for title, form, names in groups]
        for place, groups in GROUPS.items()
    }


def _group(title: str, form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    fields = [form[name] for name in names]
    set_count = sum(1 for field in fields if _is_set(form, field))
    return {
        "title": title,
        "fields": fields,
        "set_count": set_count,
        "is_open": form.is_bound and any(field.errors for field in fields),
    }


def _is_set(form: Any, field: Any) -> bool:
    """Tell whether a field says something else than what holds without it."""
    default = form._meta.model._meta.get_field(field.name).get_default()  # noqa: SLF001
    value = field.value()
    empty = (None, "", False, "{}")
    if value in empty and default in empty:
        return False
    return str(value) != str(default)
