"""The policy within the page of a schedule."""

from unfold.admin import StackedInline

from beat.forms.policies import PolicyForm
from beat.models import Policy


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
