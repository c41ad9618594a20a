"""Whether a task would run with these arguments, by the code that a worker uses."""

import json
from itertools import islice
from typing import Any

from kombu.utils import json as kombu_json

from beat.arguments.calls import ARGS, KWARGS, Call, Problem
from beat.arguments.fields.json_texts import DEEPEST, TOO_DEEP, depth_of
from beat.arguments.tasks import task_named
from beat.definition.broken import BrokenScheduleError
from beat.definition.rows import ScheduleRow
from beat.definition.work import work_of
from jobs.runs.arguments import signature_of

# More would make pages and messages slow; large inputs belong into a file or a table.
MOST_CHARACTERS = 100_000
MOST_PROBLEMS = 20
TAKEN_NAMES = "The names “__type__” and “__value__” together are Celery's own. Use other ones."


def check(task_name: str, args: list[Any], kwargs: dict[str, Any]) -> list[Problem]:
    """Return why the task would not run with these arguments; nothing when it would.

    The arguments are of JSON's types, as they are stored. Of a task that is not registered here
    it is known only whether they can be stored and sent.
    """
    problem = _unsendable(ARGS, args, list) or _unsendable(KWARGS, kwargs, dict)
    if problem is not None:
        return [problem]
    task = task_named(task_name)
    signature = None if task is None else signature_of(task)
    if signature is None:
        return []
    call = Call(task, signature, _sent(args), _sent(kwargs))
    return list(islice(call.problems(), MOST_PROBLEMS))


def sendable_text(value: Any) -> str:
    """Return arguments as they are stored; raises TypeError, ValueError or RecursionError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _sent(value: Any) -> Any:
    """Return a value as it comes out of the message at a worker: Celery's JSON knows some types."""
    return kombu_json.loads(json.dumps(value))


def _unsendable(field: str, value: Any, kind: type) -> Problem | None:
    """Return what keeps the value from being stored, sent and read again."""
    if not isinstance(value, kind):
        word = "a list" if kind is list else "an object"
        return Problem(field, f"Write {word}.")
    if depth_of(value) > DEEPEST:
        return Problem(field, TOO_DEEP)
    try:
        text = sendable_text(value)
        work_of(_row(args=text) if field == ARGS else _row(kwargs=text))
        if type(_sent(value)) is not kind:
            return Problem(field, TAKEN_NAMES)
    except BrokenScheduleError as problem:
        return Problem(field, problem.text)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as problem:
        return Problem(field, f"It cannot be sent as JSON ({str(problem)[:120]}).")
    if len(text) > MOST_CHARACTERS:
        return Problem(
            field,
            f"It has {len(text):,} characters, and {MOST_CHARACTERS:,} may be stored. "
            "Give the task the name of a file or table instead.",
        )
    return None


def _row(args: str = "[]", kwargs: str = "{}") -> ScheduleRow:
    return ScheduleRow(id=0, name="", task="any", args=args, kwargs=kwargs)
