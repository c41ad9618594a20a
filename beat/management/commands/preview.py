"""`manage.py preview`: when a crontab line is due, before it is anybody's schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from beat.occurrences import CrontabError, upcoming

MOST = 10_000


class Command(BaseCommand):
    """Prints the next occurrences and changes nothing; exits with 1 when the input is wrong."""

    help = 'Print when a crontab line is due: preview "*/30 * * * *" --timezone Europe/Berlin.'
    # It asks neither the database nor the broker, so that it also works where they are wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the line, --timezone, --count and --after."""
        parser.add_argument(
            "crontab", help='minute, hour, day of month, month, day of week: "0 9 * * mon-fri"'
        )
        parser.add_argument(
            "--timezone",
            default=settings.TIME_ZONE,
            help="zone of the rule, such as Europe/Berlin (default: TIME_ZONE)",
        )
        parser.add_argument("--count", default="10", help="how many to print (default: 10)")
        parser.add_argument(
            "--after", default="", help="begin after this instant, such as 2026-03-28T12:00+01:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each occurrence: local time with its offset, UTC, changes."""
        try:
            after = _instant_of(str(options["after"]))
            instants = upcoming(
                options["crontab"], options["timezone"], after, _count_of(str(options["count"]))
            )
        except CrontabError as problem:
            raise CommandError(str(problem)) from None
        for line in _table(instants, ZoneInfo(options["timezone"]), after):
            self.stdout.write(line)


def _count_of(text: str) -> int:
    """Return the count; read here, since argparse would exit with 2 and show its usage."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise CommandError(f"The count {text!r} is wrong; write a number from 1 to {MOST}.")
    return int(text)


def _instant_of(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"The instant {text!r} cannot be read; write one such as 2026-03-28T12:00+01:00."
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _table(instants: list[datetime], zone: ZoneInfo, after: datetime) -> list[str]:
    """Return a heading and one line per instant; a change of the clock is told where it shows."""
    lines = [f"{zone.key:<27}UTC"]
    before = after
    for instant in instants:
        local = instant.astimezone(zone)
        offset = local.isoformat()[len("2026-03-28T12:00:00") :]
        note = _change_between(before.astimezone(zone), local)
        lines.append(f"{local:%a %Y-%m-%d %H:%M} {offset}  {instant:%Y-%m-%d %H:%M}{note}")
        before = instant
    return lines


def _change_between(earlier: datetime, later: datetime) -> str:
    """Return a note when the clock changed between two local times, else ""."""
    change = (later.utcoffset() or timedelta(0)) - (earlier.utcoffset() or timedelta(0))
    if not change:
        return ""
    direction = "forward" if change > timedelta(0) else "back"
    hours, minutes = divmod(abs(change) // timedelta(minutes=1), 60)
    return f"  the clock has gone {direction} by {hours}:{minutes:02}"
