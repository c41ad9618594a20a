"""`manage.py beat_status`: whether schedules fire, for people and for probes."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from beat.process.health import Health, problems_of, read_health


class Command(BaseCommand):
    """Exit code 0 when beat makes progress, 1 with a sentence for each reason when not."""

    help = "Tell whether schedules fire. Exit code 0: yes. 1: no, and why."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --json."""
        parser.add_argument("--json", action="store_true", help="One JSON object for monitors.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the facts and what is wrong."""
        now = timezone.now()
        try:
            health = read_health(now)
        except DatabaseError as problem:
            raise CommandError(
                f"The database cannot be asked ({str(problem).strip()}). "
                "Look at it first: python manage.py doctor --only database"
            ) from None
        problems = problems_of(health, now)
        if options["json"]:
            facts = {"is_healthy": not problems, "problems": problems, **health.as_json()}
            self.stdout.write(json.dumps(facts))
        else:
            self._print(health, problems)
        if problems:
            raise SystemExit(1)

    def _print(self, health: Health, problems: list[str]) -> None:
        for problem in problems:
            self.stdout.write(f"problem: {problem}")
        if not problems:
            self.stdout.write(f"ok: {health.beats} beat(s) claim and publish what is due.")
        self.stdout.write(
            f"Last claim {health.last_claim_at or 'never'}, "
            f"last publish {health.last_publish_at or 'never'}; "
            f"{health.stale_timers} edited schedule(s) to be read, "
            f"{health.set_aside} set aside (the admin says why)."
        )
