"""`manage.py load_weather [FILE]`: loads daily weather observations."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.reports.weather.file import BrokenWeatherFileError, read_observations
from jobs.reports.weather.loading import store_observations

OUR_FILE = Path(__file__).parents[2] / "data" / "seattle_weather.csv"


class Command(BaseCommand):
    """Loads a file, all of it or nothing. Loading it again changes nothing."""

    help = "Loads daily weather observations from a CSV file (jobs/reports/data/README.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the optional file."""
        parser.add_argument("file", nargs="?", type=Path, default=OUR_FILE, help="a CSV file")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Load the file, or say in one sentence what is wrong with it and exit with 1."""
        try:
            observations = read_observations(file)
        except BrokenWeatherFileError as problem:
            raise CommandError(str(problem)) from None
        count = store_observations(observations)
        self.stdout.write(f"{count:,} days of weather are loaded from {file.name}.")
