"""The admin's list of runs, quick however many there are, and its page of a run."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.runs import pages
from jobs.runs.models import Attempt, RunLog
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import State
from tests.integration.test_run_pages import NOW, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def weather() -> PeriodicTask:
    """Return a schedule."""
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    return PeriodicTask.objects.create(name="Weather", task="reports.make", interval=every)


def test_the_admin_lists_runs_by_filters_that_an_index_bounds(
    admin_client: Client, weather: PeriodicTask
) -> None:
    wanted = made(State.FAILED, schedule=weather, schedule_name="Weather", worker="celery@one")
    made(State.FAILED, due_at=NOW - timedelta(days=3))
    for query in (
        {"schedule_named": "Weather"},
        {"schedule_named": "Weather", "state__exact": "failed"},
        {"worker__icontains": "one"},
        {"due_at_from_0": "2026-03-01", "due_at_from_1": "08:00:00"},
        {"due_at_from_0": "2026-03-01", "due_at_to_0": "2026-03-02", "due_at_to_1": "nonsense"},
    ):
        answer = admin_client.get("/admin/runs/run/", query)
        assert answer.status_code == 200, query
        assert list(answer.context["cl"].queryset) == [wanted], query


def test_the_admin_looks_at_a_bounded_number_of_runs_of_what_an_index_finds(
    admin_client: Client, weather: PeriodicTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", 3)
    for minute in range(5):
        at = NOW - timedelta(minutes=minute)
        made(due_at=at)
        made(State.FAILED, due_at=at - timedelta(days=1), schedule=weather, task="frequent")
    made(State.LOST, due_at=NOW - timedelta(days=2), schedule=weather, task="rare")
    for query, count in (
        ({}, 3),
        ({"task__icontains": "rare"}, 0),
        ({"state__exact": "failed"}, 3),
        ({"state__exact": "lost"}, 1),
        ({"state__exact": "lost", "schedule_named": "Weather"}, 0),
        ({"due_at_to_0": "2026-02-28"}, 3),
        ({"due_at_to_0": "2026-02-27", "due_at_to_1": "08:00:00", "task__icontains": "rare"}, 1),
    ):
        found = admin_client.get("/admin/runs/run/", query).context["cl"].queryset
        assert found.count() == count, query


def test_the_admin_shows_a_run_whose_parent_is_gone(admin_client: Client) -> None:
    run = made(parent_id=uuid4(), attempt=2)
    Attempt.objects.create(run=run, number=1, outcome=Outcome.FAILED, ended_at=NOW)
    RunLog.objects.create(run=run, attempt=1, text="reading")
    html = admin_client.get(f"/admin/runs/run/{run.id}/change/").content.decode()
    assert "reading" in html
