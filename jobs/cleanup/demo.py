"""The schedule of a first look."""

from typing import Any

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Nightly cleanup",
        "task": "cleanup.run",
        "kwargs": {},
        "crontab": "30 3 * * *",
        "timezone": "Europe/Berlin",
        "description": "Deletes what is past its retention, in small batches.",
    }
]
