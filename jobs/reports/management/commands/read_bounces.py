"""`manage.py read_bounces < mail`: for the mail server's pipe of REPORT_BOUNCE_ADDRESS."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jobs.reports.delivery.bounces import bounce_in, write_down

MOST_BYTES = 1_000_000


class Command(BaseCommand):
    """Reads one mail. Any mail is taken: an error would send it back, and so on."""

    help = "Reads a mail that came back, and marks the delivery of the report that it tells of."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let the mail server say which address the mail came to."""
        parser.add_argument("--to", default="", help="the address that the mail came to")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what was understood."""
        bounce = bounce_in(sys.stdin.buffer.read(MOST_BYTES), options["to"])
        if bounce is None:
            self.stdout.write("This is no notice of a report's mail that came back for good.")
        elif write_down(bounce):
            self.stdout.write(f"Delivery {bounce.delivery_pk} came back: {bounce.status}.")
        else:
            self.stdout.write(f"Delivery {bounce.delivery_pk} is not there, or was not sent.")
