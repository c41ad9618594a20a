"""Tasks with limits, and what the ledger says of their runs."""

from typing import Any

from celery import shared_task
from django.db import transaction

from jobs.runs import limits
from jobs.runs.limits import Limits
from jobs.runs.models import Run
from jobs.runs.publishing import Outgoing
from jobs.runs.states import UNDER_WAY, State
from scheduler_site.celery import app
from tests.integration.outgoing_runs import NOW, make_run


@shared_task(name="tests.fetch_feed", limits=Limits(concurrency=2, key="feed:{feed_id}"))  # type: ignore[call-overload, untyped-decorator]
def fetch_feed(feed_id: int) -> None:
    """Fetch a feed; no more than two at a time of one."""


@shared_task(name="tests.alone", limits=Limits(concurrency=1, key="alone"))  # type: ignore[call-overload, untyped-decorator]
def alone() -> None:
    """Do what only one may do at a time."""


@shared_task(name="tests.call_api", limits=Limits(key="api", rate="1/s"))  # type: ignore[call-overload, untyped-decorator]
def call_api() -> None:
    """Call something that allows one call in a second."""


@shared_task(name="tests.crawl", limits=Limits(concurrency=1, key="crawl", rate="10/s"))  # type: ignore[call-overload, untyped-decorator]
def crawl() -> None:
    """Crawl; one at a time, and not too fast."""


def feed_run(minutes_late: float = 0, feed_id: int = 7, **values: Any) -> Run:
    """Return a pending run of the task that fetches feeds."""
    return make_run(minutes_late, task="tests.fetch_feed", args=[feed_id], **values)


def outgoing(*runs: Run) -> list[Outgoing]:
    """Return the runs as publishing reads them."""
    rows = {
        row[0]: Outgoing._make(row)
        for row in Run.objects.filter(id__in=[run.id for run in runs]).values_list(
            *Outgoing._fields
        )
    }
    return [rows[run.id] for run in runs]


def admit(*runs: Run, now: Any = NOW) -> limits.Admission:
    """Ask for admission of the runs."""
    with transaction.atomic():
        return limits.admit(app, outgoing(*runs), now)


def held_slots(key: str = "feed:7") -> list[int | None]:
    """Return the slots of the key that runs hold, the lowest first."""
    held = Run.objects.filter(
        concurrency_key=key, concurrency_slot__isnull=False, state__in=UNDER_WAY
    )
    return list(held.order_by("concurrency_slot").values_list("concurrency_slot", flat=True))


def end(run: Run) -> None:
    """Let the run end well."""
    Run.objects.filter(id=run.id).update(state=State.SUCCEEDED)
