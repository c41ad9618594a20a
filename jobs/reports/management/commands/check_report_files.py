"""`manage.py check_report_files`: compares the stored files with their checksums."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.reports.making.verifying import damaged_files
from jobs.reports.models import Artefact


class Command(BaseCommand):
    """Reads every file and changes nothing; the exit code is 1 when one is damaged."""

    help = "Compares the files of all report versions with their sizes and checksums."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a line for each file that is missing or changed."""
        count = 0
        for damage in damaged_files():
            self.stdout.write(str(damage))
            count += 1
        if count:
            raise CommandError(f"{count:,} files are damaged. Bring them back from a backup.")
        self.stdout.write(f"{Artefact.objects.count():,} files are as they were written.")
