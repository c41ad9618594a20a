"""`manage.py settings_reference`: docs/settings.md is written from the declarations."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scheduler_site.environment import settings_reference

HEAD = """# Settings

Punctual is configured by environment variables and nothing else. Each may also be read from a
file that `NAME_FILE` names, as secrets usually are. All are checked at start; a wrong one ends it
with a sentence. With `DEBUG` off (the default) `SECRET_KEY` and `ALLOWED_HOSTS` must be set.

This page is written by `manage.py settings_reference` from `scheduler_site/environment.py`.

"""


class Command(BaseCommand):
    """Writes docs/settings.md, or with --check says whether it is up to date."""

    help = "Write docs/settings.md from the declared settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="write nothing, fail if outdated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare the page."""
        path = settings.BASE_DIR / "docs" / "settings.md"
        wanted = HEAD + settings_reference()
        if not options["check"]:
            path.write_text(wanted, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != wanted:
            raise CommandError("docs/settings.md is outdated; run: manage.py settings_reference")
