"""Write the instants of the next 90 days as a text for review in version control."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.as_code.checking import Known, problems_of
from beat.as_code.from_rows import stored_schedules
from beat.as_code.instants import Listed, Span, instants_text
from beat.as_code.problems import FileError
from beat.as_code.telling import placed_of, refused
from beat.as_code.unsaved_row import unsaved_row
from beat.models import Timer

MOST_DAYS = 3660


def add_arguments(parser: CommandParser) -> None:
    """Add the files, and which days."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="Else those of the database.")
    parser.add_argument("--days", type=int, default=90, help="How many (default: 90).")
    parser.add_argument("--from", default="", metavar="DAY", help="2026-12-24; else today.")


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Print the text; pauses and what was skipped by hand are not in it."""
    span = _span(options["from"], options["days"])
    listed = _of_files(options["files"], span) if options["files"] else _of_database(span)
    stdout.write(instants_text(listed, span), ending="")
    return 0


def _span(first: str, days: int) -> Span:
    if not 1 <= days <= MOST_DAYS:
        raise CommandError(f"--days is {days}; write a number from 1 to {MOST_DAYS}.")
    zone = ZoneInfo(settings.TIME_ZONE)
    try:
        day = date.fromisoformat(first) if first else timezone.now().astimezone(zone).date()
        ends_on = day + timedelta(days=days)
    except (ValueError, OverflowError):
        raise CommandError(f"The day {first!r} cannot be read; write 2026-12-24.") from None
    start, end = (datetime.combine(each, time(), zone) for each in (day, ends_on))
    return Span(start, end, zone)


def _of_files(files: list[str], span: Span) -> list[Listed]:
    placed, known = placed_of(files), Known.of_database()
    if problems := problems_of(placed, known, span.starts_at):
        raise refused(FileError(problems))
    rows = [(item.text, _row(item.text, known)) for item in placed]
    return [Listed(text.key, row, span.starts_at) for text, row in rows if row.enabled]


def _of_database(span: Span) -> list[Listed]:
    known = Known.of_database()
    anchors = dict(Timer.objects.values_list("schedule_id", "anchor_at"))
    return [
        Listed(
            item.text.key,
            _row(item.text, known),
            anchors.get(item.schedule_id) or span.starts_at,
        )
        for item in stored_schedules(PeriodicTask.objects.filter(enabled=True))
        if item.text is not None
    ]


def _row(text: Any, known: Known) -> Any:
    calendar = text.policy.get("calendar")
    return unsaved_row(text)._replace(calendar_id=known.calendars.get(calendar))
