"""Resume paused schedules, and choose what becomes of what they have missed."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.resume import Missed, resume
from beat.commands._acting import act, add_schedules


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, and what was missed."""
    add_schedules(parser)
    parser.add_argument(
        "--missed",
        choices=[missed.value for missed in Missed],
        default=Missed.NONE.value,
        help="What of the missed occurrences runs (default: none).",
    )


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Resume them."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return resume(ids, asker, missed=Missed(options["missed"]), why=options["why"])

    return act("resume", options, stdout, do)
