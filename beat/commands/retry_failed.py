"""Start the failed runs of schedules again."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.retry_and_cancel import retry_failed
from beat.commands._acting import act, add_schedules, required_instant


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, and since when."""
    add_schedules(parser)
    parser.add_argument("--since", required=True, metavar="INSTANT", help="Those due since then.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Start them again, print the ids of the new runs."""
    since = required_instant(options["since"], "--since")

    def do(ids: list[int], asker: Asker) -> Outcome:
        return retry_failed(ids, asker, since=since, why=options["why"])

    return act("start the failed runs again of", options, stdout, do)
