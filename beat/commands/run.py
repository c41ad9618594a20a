"""Run schedules now, with other arguments or as of another instant if need be."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.run_now import run_now
from beat.commands._acting import act, add_schedules, instant


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, and with what."""
    add_schedules(parser)
    add_arguments_of_run(parser)


def add_arguments_of_run(parser: CommandParser) -> None:
    """Add what a single run may have of its own."""
    # Django takes an option called "args" for the arguments of the command itself.
    parser.add_argument(
        "--args", dest="by_place", metavar="JSON", help='Instead of its own, such as "[1, 2]".'
    )
    parser.add_argument(
        "--kwargs", dest="by_name", metavar="JSON", help='Instead of its own: {"name": "value"}.'
    )
    parser.add_argument("--at", metavar="INSTANT", help="The logical time; else now.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Write the runs, print their ids."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return run_now(ids, asker, **of_run(options))

    return act("run", options, stdout, do)


def of_run(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the run is to have of its own; raises CommandError."""
    return {
        "args": _json(options["by_place"], "--args", list),
        "kwargs": _json(options["by_name"], "--kwargs", dict),
        "due_at": instant(options["at"], "--at"),
        "why": options["why"],
    }


def _json(text: str | None, option: str, kind: type) -> Any:
    if text is None:
        return None
    word = "a list such as [1, 2]" if kind is list else 'an object such as {"name": "value"}'
    try:
        value = json.loads(text)
    except ValueError as problem:
        raise CommandError(f"{option} is no JSON ({problem}); write {word}.") from None
    if not isinstance(value, kind):
        raise CommandError(f"{option}: write {word}.")
    return value
