"""Tell what a sync of a file would change. Exit code 0: nothing, 2: something, 1: an error."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from beat.as_code.problems import FileError
from beat.as_code.syncing import compare
from beat.as_code.telling import add_files, placed_of, refused, tell, wishes_of

DIFFERENT = 2


def add_arguments(parser: CommandParser) -> None:
    """Add the files and what a sync would be asked for."""
    add_files(parser)


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print what differs and write nothing."""
    placed, file = placed_of(options["files"]), ", ".join(options["files"])
    try:
        plan = compare(placed, wishes_of(options), file, timezone.now())
    except FileError as error:
        raise refused(error) from None
    tell(plan, stdout, is_done=False)
    return DIFFERENT if plan.is_different else 0
