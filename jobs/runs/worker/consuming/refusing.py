"""Messages that no task of this worker can be made of, and what their runs say."""

from json import JSONDecodeError
from typing import Any
from uuid import uuid4

from celery.app.task import Context

from jobs.runs.worker.database import aside
from jobs.runs.worker.seam import unstarted

LONGEST_TEXT = 1_000
NO_TASK = "(no task)"
UNKNOWN_TASK = (
    'No task "{}" is registered at the worker that received it. Correct the name in the schedule '
    "or the call, or start workers with the code that has the task; then run it again."
)
UNDECODABLE = (
    "Its message cannot be read ({}). It was sent with a serialiser that this site does not "
    "accept, or was damaged, or does not come from Celery. Look at what sent it."
)


def refuse_unknown_task(message: Any, hostname: str) -> None:
    """Leave a failed run for a message whose task is not registered here."""
    context = _context(message, hostname)
    name = _task_name(message)
    aside.write(unstarted.refused, context, name, "unknown_task", UNKNOWN_TASK.format(name))


def refuse_undecodable(message: Any, hostname: str, problem: object) -> None:
    """Leave a failed run for a message that cannot be read."""
    context = _context(message, hostname)
    text = UNDECODABLE.format(problem)
    aside.write(unstarted.refused, context, _task_name(message), "undecodable", text)


def refuse_garbage(hostname: str, problem: JSONDecodeError) -> None:
    """Leave a failed run for text that was in a queue of Redis and is no message."""
    context = Context({"retries": 0, "id": str(uuid4()), "args": [problem.doc[:LONGEST_TEXT]]})
    context.update(hostname=hostname)
    text = UNDECODABLE.format(problem)
    aside.write(unstarted.refused, context, NO_TASK, "undecodable", text)


def _context(message: Any, hostname: str) -> Context:
    headers = message.headers if isinstance(message.headers, dict) else {}
    args, kwargs = _arguments(message)
    return Context(
        {
            "retries": 0,
            **headers,
            "id": str(headers.get("id") or uuid4()),
            "args": args,
            "kwargs": kwargs,
            "delivery_info": message.delivery_info or {},
            "hostname": hostname,
        }
    )


def _task_name(message: Any) -> str:
    headers = message.headers if isinstance(message.headers, dict) else {}
    return str(headers.get("task") or NO_TASK)


def _arguments(message: Any) -> tuple[Any, Any]:
    """Return the arguments, empty where nobody can read them."""
    try:
        args, kwargs, _ = message.payload
    except Exception:  # noqa: BLE001 (a serialiser may raise anything)
        return [], {}
    return (args, kwargs) if isinstance(kwargs, dict) else ([], {})
