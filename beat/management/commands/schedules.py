"""`manage.py schedules VERB`: what people do with schedules at the command line."""

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from beat.commands import verbs


class VerbParser(CommandParser):
    """Ends with 1 where argparse ends with 2, which means "different" to scripts here."""

    def error(self, message: str) -> NoReturn:
        """Say how the verb is used, and what was wrong."""
        raise CommandError(f"{self.format_usage()}{self.prog}: {message}")


class Command(BaseCommand):
    """Hands over to the module of the verb; the exit code is its answer."""

    help = "Export, sync, run, pause and more: one verb each. `schedules VERB --help` tells more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add a parser for each verb."""
        choices = parser.add_subparsers(
            dest="verb", metavar="VERB", required=True, parser_class=VerbParser
        )
        for verb, module in verbs().items():
            about = (module.__doc__ or "").splitlines()[0]
            module.add_arguments(choices.add_parser(verb, help=about, description=about))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the verb says; SystemExit carries an exit code other than 0."""
        code = verbs()[options["verb"]].handle(options, self.stdout)
        if code:
            raise SystemExit(code)
