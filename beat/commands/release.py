"""Give schedules of a file back to the admin."""

from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.as_code.ownership import release


def add_arguments(parser: CommandParser) -> None:
    """Add the keys."""
    parser.add_argument("keys", nargs="+", metavar="KEY", help="The key in the file.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Release them, and say which keys no file has."""
    unknown = release(options["keys"], Asker.at_command_line())
    count = len(set(options["keys"])) - len(unknown)
    stdout.write(
        f"Released: {count}. They can be changed in the admin now; take them out of the file."
    )
    if unknown:
        raise CommandError(f"No file has {', '.join(unknown)}.")
    return 0
