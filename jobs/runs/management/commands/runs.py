"""`manage.py runs retry|cancel ID`: what the pages do, by hand."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs.runs import by_hand
from jobs.runs.models import Run


class Command(BaseCommand):
    """Starts a run again, or ends one, and prints what came of it."""

    help = "Start a run again, or end one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what is to be done, and to which run."""
        parser.add_argument("what", choices=("retry", "cancel"))
        parser.add_argument("id", type=UUID, help="The run's id, as its page shows it.")
        parser.add_argument("--by", metavar="USER", help="In whose name; else nobody's.")
        parser.add_argument("--reason", default="", help="With cancel: shown with the run.")
        parser.add_argument(
            "--force", action="store_true", help="With cancel: kill the process of a running task."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; raise CommandError with the sentence when it was refused."""
        try:
            answer = self._answer(options)
        except Run.DoesNotExist:
            raise CommandError(
                f"There is no run {options['id']}. It may be past its retention."
            ) from None
        if not answer.is_done:
            raise CommandError(answer.sentence)
        self.stdout.write(answer.sentence)
        if answer.run is not None:
            self.stdout.write(str(answer.run.id))

    def _answer(self, options: dict[str, Any]) -> by_hand.Answer:
        person, now = _person(options["by"]), timezone.now()
        if options["what"] == "retry":
            return by_hand.retry(options["id"], person, now)
        end = by_hand.end_by_force if options["force"] else by_hand.cancel
        return end(options["id"], person, options["reason"], now)


def _person(name: str | None) -> User | None:
    if name is None:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"There is no user {name!r}. Leave --by out, or name one that exists.")
    return person
