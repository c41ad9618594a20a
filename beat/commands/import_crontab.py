"""Turn a crontab of a server into schedules that run its commands."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils import timezone

from beat.access.asker import Asker
from beat.as_code.crontab_file.importing import Imported, imported
from beat.as_code.plan import Plan, StepKind, Wishes
from beat.as_code.problems import FileError
from beat.as_code.reading import read
from beat.as_code.syncing import ORIGIN, sync
from beat.as_code.telling import refused, tell
from beat.occurrences import CrontabError
from beat.occurrences.zones import zone_of


def add_arguments(parser: CommandParser) -> None:
    """Add the crontab, how it is read, and what becomes of it."""
    parser.add_argument("file", metavar="FILE", help="What `crontab -l` prints, or /etc/crontab.")
    parser.add_argument(
        "--user-column", action="store_true", help="It has users, as /etc/crontab and /etc/cron.d."
    )
    parser.add_argument(
        "--timezone", default=settings.TIME_ZONE, help="Of its times (default: TIME_ZONE)."
    )
    parser.add_argument(
        "--sync", action="store_true", help="Make the schedules; else a file of them is printed."
    )


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print the file, or sync it; 1 when a line could not be read, which is told with its number.

    All other lines are imported nevertheless.
    """
    file = options["file"]
    found = imported(
        _content(file), _zone(options["timezone"]), has_user_column=options["user_column"]
    )
    if options["sync"]:
        _sync(found, file, stdout)
    else:
        stdout.write(found.content(file), ending="")
    if found.problems:
        raise CommandError("\n".join(found.problems))
    return 0


def _sync(found: Imported, file: str, stdout: OutputWrapper) -> None:
    now, asker = timezone.now(), Asker.at_command_line(ORIGIN)
    try:
        placed = read(found.content(file), file, settings.TIME_ZONE)
        plan = sync(placed, Wishes(), file, asker, now)
    except FileError as error:
        raise refused(error) from None
    # Of the schedules of other files nothing was said.
    steps = [step for step in plan.steps if step.kind is not StepKind.LEAVE]
    tell(Plan(steps, plan.same), stdout, is_done=True)


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise CommandError(f"{path} cannot be read ({problem.strerror or problem}).") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8; convert it, with iconv say.") from None


def _zone(name: str) -> str:
    try:
        return zone_of(name).key
    except CrontabError as problem:
        raise CommandError(str(problem)) from None
