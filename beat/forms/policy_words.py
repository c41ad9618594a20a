"""What the form of a policy says about its fields."""

from beat.occurrences import InGap, Repeated

LABELS = {
    "catch_up": "Missed occurrences",
    "catch_up_window_seconds": "Window in seconds",
    "catch_up_limit": "Runs at most",
    "catch_up_pace_seconds": "Seconds between runs",
    "max_losses": "New starts",
    "backoff_seconds": "Pause in seconds",
    "longest_backoff_seconds": "Longest pause in seconds",
    "retry_on": "Errors that are tried again",
    "in_gap": "Time that is left out",
    "repeated": "Time that occurs twice",
    "alert_to": "Tell by mail",
    "alert_on_failure": "When it fails or is missed",
    "alert_late_after_seconds": "When it is late by seconds",
    "alert_slow_after_seconds": "When it runs longer than seconds",
    "runs_kept_days": "Days",
    "failures_kept_days": "Days for failures",
    "runs_kept_at_least": "The last so many in any case",
}
HELP_TEXTS = {
    "overlap": "When an occurrence is due while an earlier run of the schedule is under way.",
    "is_paused": "What falls into a pause is recorded as skipped and does not run later.",
    "paused_until": "Empty: until somebody resumes it.",
    "pause_reason": "Shown with each run that the pause has skipped.",
    "calendar": "Days on which it is not due, or on which alone it is.",
    "catch_up": "Those that fell due while no beat or database was there.",
    "catch_up_window_seconds": "How old an occurrence may be and still run.",
    "catch_up_limit": "Of one gap, with 'Run each'.",
    "catch_up_pace_seconds": "With 'Run each'.",
    "soft_time_limit_seconds": "Then the task is asked to end.",
    "time_limit_seconds": "Then the task is killed.",
    "max_attempts": "Tries in all; 1: no retry.",
    "max_losses": "So often it is started again when its worker dies.",
    "backoff_seconds": "Before the second; then doubled.",
    "longest_backoff_seconds": "However often it has failed.",
    "retry_on": "Names of exceptions, one per line, such as OSError. Empty: all.",
    "alert_to": "Addresses, one per line, told when it begins and when it is over. "
    "Empty: those of the setting ALERTS_TO.",
    "alert_on_failure": "After its last attempt; also when beat sets the schedule aside.",
    "alert_late_after_seconds": "Due for so long and not started. Empty: not told.",
    "alert_slow_after_seconds": "Empty: not told.",
    "jitter_seconds": "Each run is sent up to so many seconds later, to spread the load.",
    "in_gap": "For a crontab at chosen hours, when the clock goes forward.",
    "repeated": "For a crontab at chosen hours, when the clock goes back.",
    "runs_kept_days": "Empty: as cleanup says; by itself RUN_RETENTION_DAYS.",
    "failures_kept_days": "Empty: as RUN_FAILURE_RETENTION_DAYS says; no fewer than others.",
    "runs_kept_at_least": "They stay however old they are; 0: none.",
}
CHOICES = {
    "in_gap": [
        (InGap.AFTER.value, "Run right after the gap"),
        (InGap.SKIP.value, "Do not run on this day"),
    ],
    "repeated": [
        (Repeated.FIRST.value, "Run the first time"),
        (Repeated.SECOND.value, "Run the second time"),
        (Repeated.BOTH.value, "Run both times"),
    ],
}
