"""Write the schedules as a file for version control."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django_celery_beat.models import PeriodicTask

from beat.as_code.from_rows import Stored, stored_schedules
from beat.as_code.writing import written
from beat.models import Source


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, and where to."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="Also those of the admin (default).")
    which.add_argument("--owned", action="store_true", help="Only those that files have.")
    parser.add_argument("--output", metavar="FILE", help="Else it is printed.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Write the file; 1 when a broken schedule had to be left out, and its comment says why."""
    found = stored_schedules(PeriodicTask.objects.all())
    chosen = [item for item in found if _is_chosen(item, owned_only=options["owned"])]
    texts = sorted(
        (item.text for item in chosen if item.text is not None), key=lambda text: text.key
    )
    content = written(texts, [note for item in found if (note := _note(item, chosen))])
    if options["output"]:
        _write(options["output"], content)
        stdout.write(f"{len(texts)} schedules are in {options['output']}.")
    else:
        stdout.write(content, ending="")
    return int(any(item.text is None for item in chosen))


def _is_chosen(item: Stored, *, owned_only: bool) -> bool:
    if item.is_of_a_file and item.is_in_code:
        return True
    return not owned_only and not _is_of_beat_schedule(item)


def _is_of_beat_schedule(item: Stored) -> bool:
    return item.source == Source.BEAT_SCHEDULE and item.is_in_code


def _note(item: Stored, chosen: list[Stored]) -> str:
    if _is_of_beat_schedule(item):
        return f"{item.name!r} comes from beat_schedule in the code and is not here."
    if item.text is None and item in chosen:
        return f"{item.name!r} is broken and not here: {item.problem}"
    return ""


def _write(path: str, content: str) -> None:
    try:
        Path(path).write_text(content, encoding="utf-8")
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise CommandError(f"{path} cannot be written ({reason}).") from None
