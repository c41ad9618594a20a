"""What the server takes for the pages that list schedules, with very many of them.

The time of a page is that of the whole request in this process: session, permissions, queries and
templates; network and browser come on top. Each page is asked a few times before it is timed, as a
process that serves it for a while has been.
"""

import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from benchmarks.figures import milliseconds, print_heading, print_row
from benchmarks.page_rows import fill
from benchmarks.stage import say

WARM_UPS = 3


class Asked(NamedTuple):
    """A page by the name of its address and what is asked of it."""

    title: str
    name: str
    query: str = ""


class Queries:
    """Counts queries; DEBUG, which would do so too, is off."""

    count = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Count one query."""
        self.count += 1
        return execute(sql, params, many, context)


# As in development: nobody has collected the static files of a measurement.
PLAIN_FILES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
LIST = "admin:django_celery_beat_periodictask_changelist"
LINTS = "admin:schedule_lints"
PAGES = (
    Asked("list, first page", LIST),
    Asked("list, by next run", LIST, "o=3"),
    Asked("list, by next run, the last first", LIST, "o=-3"),
    Asked("list, filtered by state", LIST, "state=paused"),
    Asked("list, filtered by tag, owner and kind", LIST, "tag=tag+8&owner=group+8&kind=crontab"),
    Asked("list, failed within a day", LIST, "failed=day"),
    Asked("list, searched: two words", LIST, "q=schedule+09999"),
    Asked("list, searched: nothing found", LIST, "q=no+such+words"),
    Asked("list, page 50", LIST, "p=50"),
    Asked("list, page 50 by next run", LIST, "o=3&p=50"),
    Asked("list, page 1,900", LIST, "p=1900"),
    Asked("lints, all", LINTS),
    Asked("lints, never due", LINTS, "lint=never"),
    Asked("lints, nobody takes from its queue", LINTS, "lint=queue"),
    Asked("lints, nobody knows its task", LINTS, "lint=task"),
    Asked("lints, due again before it is over", LINTS, "lint=slow"),
    Asked("lints, everything at the same minute", LINTS, "lint=crowd"),
    Asked("lints, at an hour that a day lacks", LINTS, "lint=gap"),
)


def measure(database: str, options: Namespace) -> None:
    """Print a line for each page."""
    say(f"{database}: {options.schedules:,} schedules and {options.runs:,} runs")
    fill(options.schedules, options.runs)
    with override_settings(STORAGES=PLAIN_FILES):
        _print_pages(database, options)


def _print_pages(database: str, options: Namespace) -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("measurer"))
    print(f"\nPages with {options.schedules:,} schedules and {options.runs:,} runs, {database}:")
    print_heading("page", "|queries", "|rows", "|p50", "|p99", "|slowest")
    for asked in PAGES:
        address = f"{reverse(asked.name)}?{asked.query}"
        print_row(asked.title, *measured(client, address, options.times))


def measured(client: Client, address: str, times: int) -> list[str]:
    """Return the page's number of queries and of rows, and p50, p99 and slowest of its times."""
    for _ in range(WARM_UPS):
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}.")
    queries = Queries()
    with connection.execute_wrapper(queries):
        client.get(address)
    took = []
    for _ in range(times):
        began_at = time.perf_counter()
        client.get(address)
        took.append(time.perf_counter() - began_at)
    rows = answer.content.count(b'class="schedule-name"') + answer.content.count(b"<h2><a")
    return [str(queries.count), str(rows), *milliseconds(took)]
