"""Make the database say what a file of schedules says; tell the difference first."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from beat.access.asker import Asker
from beat.as_code.problems import FileError
from beat.as_code.syncing import ORIGIN, compare, sync
from beat.as_code.telling import add_files, placed_of, refused, tell, wishes_of


def add_arguments(parser: CommandParser) -> None:
    """Add the files, what is asked for, and --dry-run."""
    add_files(parser)
    parser.add_argument("--dry-run", action="store_true", help="Tell only; write nothing.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print what differs and write it, all or nothing; 0, or 1 with a sentence for each problem."""
    placed, wishes = placed_of(options["files"]), wishes_of(options)
    file, now = ", ".join(options["files"]), timezone.now()
    try:
        if options["dry_run"]:
            plan = compare(placed, wishes, file, now)
        else:
            plan = sync(placed, wishes, file, Asker.at_command_line(ORIGIN), now)
    except FileError as error:
        raise refused(error) from None
    tell(plan, stdout, is_done=not options["dry_run"])
    return 0
