"""The schedules of a first look."""

from typing import Any

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Nightly cleanup",
        "task": "cleanup.run",
        "kwargs": {},
        "crontab": "30 3 * * *",
        "timezone": "Europe/Berlin",
        "description": "Deletes what is past its retention, in small batches.",
    },
    {
        "name": "Report on cleanup",
        "task": "reports.make",
        "kwargs": {"report": "cleanup"},
        "crontab": "0 5 * * 1",
        "timezone": "Europe/Berlin",
        "description": "What was deleted in the last thirty days.",
    },
]
