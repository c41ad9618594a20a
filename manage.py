#!/usr/bin/env python
"""Django's command line. A wrong setting ends it with one sentence, not with a traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"Punctual cannot start: {problem}")
    except OperationalError as problem:
        first_line = str(problem).strip().splitlines()[0]
        sys.exit(
            f"Punctual cannot go on: the database cannot be reached or used ({first_line}). "
            "Check DATABASE_URL and that the server runs; `manage.py doctor` tells more."
        )


if __name__ == "__main__":
    main()
