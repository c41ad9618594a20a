"""`manage.py openapi`: the API's description as docs/openapi.json."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from beat.api.addresses import api

PATH = Path("docs") / "openapi.json"


class Command(BaseCommand):
    """Writes the file, or with --check tells whether it is up to date."""

    help = "Write docs/openapi.json; with --check only look whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="Exit code 1 if it is not.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check."""
        path = Path(settings.BASE_DIR) / PATH
        text = json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Written: {PATH}")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(f"{PATH} is not up to date; write it by `manage.py openapi`.")
