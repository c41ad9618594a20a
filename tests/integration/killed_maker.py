"""A process that makes a version and is killed while it writes the second file."""

import os
import signal
from datetime import UTC, datetime
from uuid import UUID

import django

RUN_ID = UUID(int=7)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def main() -> None:
    """Begin, and never end."""
    django.setup()
    from jobs.reports.content import Content
    from jobs.reports.formats import WRITERS, Format
    from jobs.reports.making import make_version
    from jobs.reports.periods import calendar_week
    from jobs.reports.registry import Definition

    WRITERS[Format.JSON] = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    period, formats = calendar_week(), ("csv", "json")
    weekly = Definition("weekly", "Weekly", "", period, lambda _: Content("s", []), formats=formats)
    make_version(weekly, NOW, RUN_ID, NOW)


if __name__ == "__main__":
    main()
