"""What the runs of a schedule are to do: the task and its message."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beat.definition.broken import BrokenScheduleError
from beat.definition.rows import ScheduleRow
from beat.definition.strict_json import STRICT_JSON
from jobs.runs.message_headers import ATTEMPT_HEADER, DUE_AT_HEADER

# What identifies a message to Celery and to the ledger: a schedule's own headers may not say it.
RESERVED_HEADERS = frozenset(
    {
        "id",
        "task",
        "root_id",
        "parent_id",
        "retries",
        ATTEMPT_HEADER,
        DUE_AT_HEADER,
        "punctual_rehearsal",
    }
)
LARGEST_PRIORITY = 255
# A hundred years: beyond it instants could leave the calendar.
LONGEST_EXPIRY_SECONDS = 100 * 366 * 86_400
NULL_CHARACTER = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True)
class Work:
    """What is copied onto each run. `expire_seconds` counts from the run's due instant."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    queue: str
    exchange: str
    routing_key: str
    priority: int | None
    headers: dict[str, Any]
    expire_seconds: int | None
    expires_at: datetime | None


def work_of(row: ScheduleRow) -> Work:
    """Return what a run of the schedule is to do; raises BrokenScheduleError."""
    _check_values(row)
    headers = _json(row.headers or "{}", dict, "headers", "broken_headers")
    if taken := RESERVED_HEADERS & headers.keys():
        raise BrokenScheduleError(
            "broken_headers",
            f"The header {min(taken)!r} belongs to Celery's message. Give it another name.",
        )
    return Work(
        task=row.task,
        args=_json(row.args or "[]", list, "positional arguments", "broken_arguments"),
        kwargs=_json(row.kwargs or "{}", dict, "keyword arguments", "broken_arguments"),
        queue=row.queue or "",
        exchange=row.exchange or "",
        routing_key=row.routing_key or "",
        priority=row.priority,
        headers=headers,
        expire_seconds=row.expire_seconds,
        expires_at=row.expires,
    )


def _check_values(row: ScheduleRow) -> None:
    if not row.task.strip():
        raise BrokenScheduleError("broken_task", "The schedule names no task. Choose one.")
    if row.priority is not None and not 0 <= row.priority <= LARGEST_PRIORITY:
        raise BrokenScheduleError(
            "broken_priority",
            f"The priority is {row.priority}. Write a number from 0 to {LARGEST_PRIORITY}.",
        )
    if row.expire_seconds is not None and not 0 <= row.expire_seconds <= LONGEST_EXPIRY_SECONDS:
        raise BrokenScheduleError(
            "broken_expiry",
            f"The runs expire after {row.expire_seconds} seconds. "
            f"Write a number from 0 to {LONGEST_EXPIRY_SECONDS}.",
        )


def _json(text: str, kind: type, what: str, reason: str) -> Any:
    """Return the value of a JSON text; only what the ledger's JSON columns can hold passes."""
    word, example = ("list", "[1, 2]") if kind is list else ("object", '{"name": "value"}')
    try:
        value = STRICT_JSON.decode(text)
        if "\\u" in text:
            _refuse_impossible_characters(value)
    except (ValueError, RecursionError) as problem:
        raise BrokenScheduleError(
            reason,
            f"The {what} are not valid JSON ({_short(problem)}). "
            f"Write a JSON {word} such as {example}.",
        ) from None
    if not isinstance(value, kind):
        raise BrokenScheduleError(
            reason, f"The {what} are no JSON {word}. Write one such as {example}."
        )
    return value


def _refuse_impossible_characters(value: Any) -> None:
    """Raise ValueError for what JSON can spell and PostgreSQL's jsonb cannot hold."""
    text = json.dumps(value, ensure_ascii=False)
    if NULL_CHARACTER.search(text):
        raise ValueError("it holds the character \\u0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (a lone surrogate)") from None


def _short(problem: BaseException) -> str:
    return str(problem)[:120]
