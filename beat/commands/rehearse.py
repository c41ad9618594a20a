"""Rehearse schedules: writes are undone, and mail goes to one address or nowhere."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.rehearse import rehearse
from beat.commands._acting import act, add_schedules
from beat.commands.run import add_arguments_of_run, of_run


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, with what, and who gets the mail."""
    add_schedules(parser)
    add_arguments_of_run(parser)
    parser.add_argument("--mail-to", default="", metavar="ADDRESS", help="Else that of --by.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Write the runs, print their ids."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return rehearse(ids, asker, mail_to=options["mail_to"], **of_run(options))

    return act("rehearse", options, stdout, do)
