"""`manage.py cleanup`: what the task cleanup.run does, by hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs.cleanup.applying import Applied, apply_all, left_in_words
from jobs.cleanup.policies import assignments
from jobs.cleanup.recording import record


class Command(BaseCommand):
    """Prints a table of what each retention rule did."""

    help = "Delete what is past its retention, or say what would be deleted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="Delete nothing, only count.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Apply the rules; raise CommandError when one broke."""
        now = timezone.now()
        results = apply_all(assignments(), now, dry_run)
        if not dry_run:
            record(results, now, run_id=None)
        width = max((len(applied.name) for applied in results), default=0)
        for applied in results:
            self.stdout.write(self._line(applied, width, dry_run))
        broken = [applied.name for applied in results if applied.error]
        if broken:
            raise CommandError(
                f"These rules broke: {', '.join(broken)}. The others were applied. "
                "Mend the cause that stands above and run the command again."
            )

    def _line(self, applied: Applied, width: int, dry_run: bool) -> str:
        name = applied.name.ljust(width)
        if applied.error:
            return self.style.ERROR(f"{name}  {applied.count:>9,}  broke: {applied.error}")
        verb = "would go" if dry_run else "deleted"
        more = "" if applied.is_complete else f", {left_in_words(applied)}"
        first = f"  (first: {applied.examples[0]})" if applied.examples else ""
        return f"{name}  {applied.count:>9,}  {verb}{more}{first}"
