"""Tell what is wrong or suspicious in a file of schedules. Exit code 0: nothing, 1: something."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from beat.arguments import task_warnings
from beat.as_code.checking import Known, problems_of
from beat.as_code.problems import Problem
from beat.as_code.reading import Placed
from beat.as_code.telling import placed_of
from beat.as_code.unsaved_row import unsaved_row
from beat.lints.gaps import judge as judge_gaps


def add_arguments(parser: CommandParser) -> None:
    """Add the files."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="Read together, as one.")
    parser.add_argument(
        "--strict", action="store_true", help="Exit code 1 for what is only suspicious, too."
    )


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print a line for each finding with its file, line and key."""
    placed = placed_of(options["files"])
    problems = problems_of(placed, Known.of_database(), timezone.now())
    warnings = _warnings(placed)
    for problem in problems:
        stdout.write(f"problem: {problem}")
    for warning in warnings:
        stdout.write(f"warning: {warning}")
    count = len(problems) + (len(warnings) if options["strict"] else 0)
    stdout.write(f"{len(problems)} problems, {len(warnings)} warnings.")
    return int(count > 0)


def _warnings(placed: list[Placed]) -> list[Problem]:
    """Return what beat would accept and an operator should know."""
    rows = [unsaved_row(item.text, number) for number, item in enumerate(placed)]
    readable = [row for row in rows if row.crontab_id is not None]
    gaps = judge_gaps(readable, timezone.now())
    found = [placed[number].problem(sentence, "when") for number, sentence in gaps.items()]
    for item in placed:
        text = item.text
        sentences = task_warnings(text.task, text.queue, text.exchange) if text.enabled else []
        found += [item.problem(sentence, "task") for sentence in sentences]
    return found
