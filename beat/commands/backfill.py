"""Run the occurrences of a span of the past; --dry-run only counts them."""

from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from beat.access.asker import Asker
from beat.actions.backfill import DryRun, backfill, dry_run
from beat.actions.outcome import ActionRefusedError, Outcome, counted
from beat.asking.page import takes_in_words
from beat.asking.questions import shown_at
from beat.backfills.instants import Span
from beat.commands._acting import act, add_schedules, asker_of, chosen, required_instant


def add_arguments(parser: CommandParser) -> None:
    """Add which schedules, the span and the pace."""
    add_schedules(parser)
    parser.add_argument("--from", required=True, metavar="INSTANT", help="Included.")
    parser.add_argument("--before", required=True, metavar="INSTANT", help="Not included.")
    parser.add_argument("--at-most", type=int, default=1, help="Runs at once (default: 1).")
    parser.add_argument("--pace", type=int, default=0, help="Seconds between two starts.")
    parser.add_argument("--dry-run", action="store_true", help="Count, and do nothing.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print what it would do, or write the backfills and print their ids."""
    span = Span(
        required_instant(options["from"], "--from"),
        required_instant(options["before"], "--before"),
    )
    pace = {"at_most": options["at_most"], "pace_seconds": options["pace"]}
    if options["dry_run"]:
        try:
            found = dry_run(chosen(options), asker_of(options), span, **pace)
        except ActionRefusedError as problem:
            raise CommandError(str(problem)) from None
        stdout.write("\n".join(_told(found)))
        return int(bool(found.refused))

    def do(ids: list[int], asker: Asker) -> Outcome:
        return backfill(ids, asker, span, why=options["why"], **pace)

    return act("backfill", options, stdout, do)


def _told(found: DryRun) -> list[str]:
    lines = [f"{counted(found.total, 'run')}."]
    if found.first_at and found.last_at:
        lines.append(f"First {shown_at(found.first_at)}, last {shown_at(found.last_at)}.")
        lines.append(f"Takes {takes_in_words(found)}.")
    if found.have_run:
        lines.append(f"Left out, with a run already: {found.have_run:,}.")
    if found.excluded:
        lines.append(f"Left out by a calendar: {found.excluded:,}.")
    return lines + [f"Refused for {one.name}: {one.why}" for one in found.refused]
