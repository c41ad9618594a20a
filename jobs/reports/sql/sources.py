"""The sources that SQL reports ask, by their names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.db import connection

from jobs.reports.sql.answer import Answer, Question
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.files import answer_of_files
from jobs.reports.sql.postgresql import answer_of_postgresql
from jobs.reports.sql.sqlite import answer_of_sqlite

PLATFORM = "platform"
# The tables of the platform's own database that a report may read there. Nothing of people,
# passwords, sessions, tokens, mails or other reports' contents: an SQL report may be read by
# others than those who see these. docs/reports.md has the same list for PostgreSQL.
PLATFORM_TABLES = frozenset(
    {
        "beat_backfill",
        "beat_beat",
        "beat_calendar",
        "beat_calendarentry",
        "beat_policy",
        "beat_tag",
        "beat_timer",
        "django_celery_beat_clockedschedule",
        "django_celery_beat_crontabschedule",
        "django_celery_beat_intervalschedule",
        "django_celery_beat_periodictask",
        "django_celery_beat_solarschedule",
        "reports_report",
        "reports_weatherobservation",
        "runs_attempt",
        "runs_run",
        "runs_worker",
    }
)


@dataclass(frozen=True)
class Source:
    """A database, or a folder of files, under a name. The address may hold a password."""

    name: str
    url: str

    @property
    def scheme(self) -> str:
        """Return which kind of source it is."""
        return urlsplit(self.url).scheme

    @property
    def path(self) -> Path:
        """Return the file or folder of the address."""
        return Path(unquote(urlsplit(self.url).path.removeprefix("/")))


def sources() -> dict[str, Source]:
    """Return every source by its name.

    On SQLite the platform's own database is one, for the tables of PLATFORM_TABLES. On PostgreSQL
    it takes a login that can only read, which only an operator can make.
    """
    found = {name: Source(name, url) for name, url in settings.REPORT_SOURCES.items()}
    if connection.vendor == "sqlite" and PLATFORM not in found:
        found[PLATFORM] = Source(PLATFORM, f"sqlite:///{quote(str(_own_file()))}")
    return found


def source_of(name: str) -> Source:
    """Return the source; raise QueryError with those that there are."""
    known = sources()
    if name not in known:
        raise QueryError(
            f"There is no source {name!r}. There are: {', '.join(sorted(known)) or 'none'}. "
            "Choose one of them, or add it to REPORT_SOURCES."
        )
    return known[name]


@contextmanager
def answered(source: Source, question: Question) -> Iterator[Answer]:
    """Give the source's answer while the block lasts; raise QueryError with a sentence."""
    if source.scheme == "duckdb":
        answering = answer_of_files(source.path, question)
    elif source.scheme == "sqlite":
        answering = answer_of_sqlite(source.path, _readable(source), question)
    else:
        answering = answer_of_postgresql(source.url, question)
    with answering as answer:
        yield answer


def _readable(source: Source) -> frozenset[str] | None:
    """Return the tables that may be read; None for all of a database that is not our own."""
    own = _own_file()
    # There is none before the first migration.
    if own is None or not own.exists() or not source.path.exists():
        return None
    return PLATFORM_TABLES if source.path.samefile(own) else None


def _own_file() -> Path | None:
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None
