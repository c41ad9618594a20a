"""Pause schedules, with a reason, until an instant or until they are resumed."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.pause import pause
from beat.commands._acting import act, add_schedules, instant


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, and until when."""
    add_schedules(parser)
    parser.add_argument("--until", metavar="INSTANT", help="Else until they are resumed.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Pause them; --why is the reason and has to be there."""
    until = instant(options["until"], "--until")

    def do(ids: list[int], asker: Asker) -> Outcome:
        return pause(ids, asker, reason=options["why"], until=until)

    return act("pause", options, stdout, do)
