"""The page of workers and beats, and the same in the admin."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from beat.heartbeats import verdict as verdict_of_beat
from beat.models import Beat
from jobs.runs.heartbeats import RUNS_SHOWN, verdict
from jobs.runs.models import Run, Worker
from jobs.runs.states import State

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
LONG_AGO = NOW - timedelta(hours=2)


def worker(now: datetime = NOW, **facts: Any) -> Worker:
    """Return a worker that is well at `now`, but for the facts."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "name": "celery@one",
        "host": "host",
        "pid": 4711,
        "queues": ["default", "mail"],
        "concurrency": 4,
        "version": "0.1.0",
        "started_at": LONG_AGO,
        "heartbeat_at": now,
        "pool_seen_at": now,
        "memory_bytes": 3 * 1024 * 1024,
    }
    return Worker(**values | facts)


def beat(now: datetime = NOW, **facts: Any) -> Beat:
    """Return a beat that makes progress at `now`, but for the facts."""
    values: dict[str, Any] = {"name": "beat-1:7:x", "host": "beat-1", "pid": 7}
    instants = ("started_at", "last_tick_at", "last_claim_at", "last_publish_at")
    return Beat(**values | dict.fromkeys(instants, now) | facts)


@pytest.mark.parametrize(
    ("facts", "word", "since"),
    [
        ({}, "working", None),
        ({"heartbeat_at": NOW - LEASE}, "working", None),
        ({"heartbeat_at": NOW - LEASE - SECOND}, "silent", NOW - LEASE - SECOND),
        ({"pool_seen_at": LONG_AGO}, "its pool does not answer", LONG_AGO),
        ({"stopping_at": NOW}, "stopping", NOW),
        ({"stopping_at": LONG_AGO, "heartbeat_at": LONG_AGO}, "silent", LONG_AGO),
        ({"stopped_at": NOW, "heartbeat_at": LONG_AGO}, "stopped", NOW),
    ],
)
def test_a_worker_is_judged_by_what_it_has_told(
    facts: dict[str, Any], word: str, since: datetime | None
) -> None:
    said = verdict(worker(**facts), NOW, LEASE)
    assert (said.word, said.since) == (word, since)


@pytest.mark.parametrize(
    ("facts", "word", "since"),
    [
        ({}, "working", None),
        ({"last_tick_at": LONG_AGO}, "silent", LONG_AGO),
        ({"last_claim_at": LONG_AGO}, "it cannot claim", LONG_AGO),
        ({"last_publish_at": LONG_AGO}, "it cannot publish", LONG_AGO),
        ({"last_publish_at": None}, "working", None),
        ({"last_publish_at": None, "started_at": LONG_AGO}, "it cannot publish", LONG_AGO),
    ],
)
def test_a_beat_is_judged_by_its_progress(
    facts: dict[str, Any], word: str, since: datetime | None
) -> None:
    said = verdict_of_beat(beat(**facts), NOW)
    assert (said.word, said.since) == (word, since)


@pytest.mark.django_db
def test_the_page_shows_workers_with_their_runs_and_beats(admin_client: Client) -> None:
    now = timezone.now()
    busy = worker(now, running_count=1)
    Worker.objects.bulk_create([busy, worker(now - LEASE * 2, id=uuid4(), name="celery@two")])
    beat(now, claimed_count=12345).save()
    run = Run.objects.create(
        id=uuid4(),
        task="reports.make",
        state=State.RUNNING,
        due_at=NOW,
        publish_at=NOW,
        worker_id=busy.id,
    )
    html = admin_client.get("/runs/workers/").content.decode()
    for said in ("celery@one", "host, process 4711", "default, mail", "1 of at most 4"):
        assert said in html
    assert "3.0\xa0MB" in html
    assert f'<a href="/runs/{run.id}/">reports.make</a>' in html
    assert "Silent" in html
    assert "12,345 since its start" in html


@pytest.mark.django_db
def test_a_worker_with_many_runs_shows_some(admin_client: Client) -> None:
    busy = worker(timezone.now())
    busy.save()
    Run.objects.bulk_create(
        Run(
            id=uuid4(),
            task="feeds.fetch",
            state=State.RUNNING,
            due_at=NOW,
            publish_at=NOW,
            worker_id=busy.id,
        )
        for _ in range(RUNS_SHOWN + 1)
    )
    html = admin_client.get("/runs/workers/").content.decode()
    assert html.count(">feeds.fetch</a>") == RUNS_SHOWN
    assert "and others" in html


@pytest.mark.django_db
def test_only_what_ended_within_a_day_is_shown(admin_client: Client) -> None:
    now = timezone.now()
    ends = {"celery@hour": timedelta(hours=1), "celery@week": timedelta(days=7)}
    Worker.objects.bulk_create(
        worker(id=uuid4(), name=name, stopped_at=now - ago) for name, ago in ends.items()
    )
    html = admin_client.get("/runs/workers/").content.decode()
    assert ("celery@hour" in html, "celery@week" in html) == (True, False)


@pytest.mark.django_db
def test_that_there_is_no_worker_is_said(admin_client: Client) -> None:
    html = admin_client.get("/runs/workers/").content.decode()
    assert html.count("There is none, and none ended within the last day.") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("stranger_client", 302), ("viewer_client", 403)])
def test_the_page_is_for_staff(who: str, status: int, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    assert client.get("/runs/workers/").status_code == status


@pytest.mark.django_db
def test_of_two_addresses_in_the_top_bar_the_nearer_one_is_marked(admin_client: Client) -> None:
    html = admin_client.get("/runs/workers/").content.decode()
    assert '<a href="/runs/workers/" aria-current="page">Workers</a>' in html
    assert '<a href="/runs/">Runs</a>' in html


@pytest.mark.django_db
@pytest.mark.parametrize("model", ["runs/worker", "beat/beat"])
def test_nobody_writes_heartbeats_in_the_admin(admin_client: Client, model: str) -> None:
    row: Worker | Beat = worker() if model == "runs/worker" else beat()
    row.save()
    assert admin_client.get(f"/admin/{model}/").status_code == 200
    assert "silent" in admin_client.get(f"/admin/{model}/").content.decode()
    assert admin_client.get(f"/admin/{model}/add/").status_code == 403
    address = f"/admin/{model}/{row.pk}"
    assert admin_client.post(f"{address}/change/", {"host": "x"}).status_code in (302, 403)
    row.refresh_from_db()
    assert row.host != "x"
