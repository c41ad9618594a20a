"""The schedules of a first look."""

from typing import Any

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Feedback: thank who waits",
        "task": "feedback.thank_waiting",
        "kwargs": {},
        "every_seconds": 60,
        "description": "Sends the thank-you mails that could not be sent at once.",
    },
    {
        "name": "Feedback of the last 7 days",
        "task": "reports.make",
        "kwargs": {"report": "feedback"},
        "crontab": "30 7 * * *",
        "timezone": "Europe/Berlin",
        "description": "A report on what people wrote through the feedback page.",
    },
]
