"""What a run itself says about its message."""

from typing import Any

from jobs.runs.message_headers import ATTEMPT_HEADER, DUE_AT_HEADER, SCHEDULE_HEADER
from jobs.runs.publishing import Outgoing


def options_of(run: Outgoing) -> dict[str, Any]:
    """Return the options that the run itself names."""
    named = {
        "queue": run.queue,
        "exchange": run.exchange,
        "routing_key": run.routing_key,
        "soft_time_limit": run.soft_time_limit_seconds,
        "time_limit": run.time_limit_seconds,
        "expires": run.expires_at,
    }
    options: dict[str, Any] = {name: value for name, value in named.items() if value}
    if run.priority is not None:
        options["priority"] = run.priority
    options["headers"] = {**run.headers, **headers_of(run)}
    return options


def headers_of(run: Outgoing) -> dict[str, str | int]:
    """Return the headers that tell a worker which attempt of what the message is."""
    return {
        ATTEMPT_HEADER: run.attempt,
        SCHEDULE_HEADER: run.schedule_name,
        DUE_AT_HEADER: run.due_at.isoformat(),
    }
