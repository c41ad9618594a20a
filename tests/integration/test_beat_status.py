"""`manage.py beat_status` answers from progress: 0 when schedules fire, 1 with a sentence."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Beat, Timer
from jobs.runs.models import Run
from jobs.runs.states import Overlap, State

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(minutes=5)


def add_beat(**ages: timedelta) -> Beat:
    """Return the row of a beat whose progress is fresh, but for what `ages` says."""
    now = timezone.now()
    fields = ("last_tick_at", "last_claim_at", "last_publish_at")
    instants = {field: now - ages.get(field, timedelta()) for field in fields}
    return Beat.objects.create(name=str(uuid4()), host="h", pid=1, started_at=now, **instants)


def add_timer(**fields: Any) -> Timer:
    """Return the timer of a new schedule, as claim would see it."""
    every_day = IntervalSchedule.objects.create(every=1, period="days")
    schedule = PeriodicTask.objects.create(name=str(uuid4()), task="t", interval=every_day)
    values = {"is_stale": False, "due_at": None, **fields}
    return Timer.objects.update_or_create(schedule=schedule, defaults=values)[0]


def add_run(overlap: Overlap) -> Run:
    """Return a run that should have been published long ago."""
    at = timezone.now() - LONG_AGO
    return Run.objects.create(
        id=uuid4(), task="t", due_at=at, publish_at=at, state=State.PENDING, overlap=overlap
    )


@pytest.fixture
def status(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, Any]]:
    """Return a function that runs the command and returns its answer and exit code."""

    def run() -> dict[str, Any]:
        code = 0
        try:
            call_command("beat_status", "--json")
        except SystemExit as end:
            code = int(str(end.code))
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer | {"exit_code": code}

    return run


def test_a_beat_that_makes_progress_is_healthy(status: Callable[[], dict[str, Any]]) -> None:
    add_beat()
    assert status()["exit_code"] == 0
    assert status()["problems"] == []


def test_without_a_beat_the_sentence_says_how_to_start_one(
    status: Callable[[], dict[str, Any]],
) -> None:
    answer = status()
    assert answer["exit_code"] == 1
    assert answer["problems"] == [
        "No beat is running (never so far). Start one: celery -A scheduler_site beat"
    ]


def test_a_beat_that_was_killed_is_no_beat(status: Callable[[], dict[str, Any]]) -> None:
    add_beat(last_tick_at=LONG_AGO, last_claim_at=LONG_AGO, last_publish_at=LONG_AGO)
    assert "No beat is running (the last one ticked at 20" in status()["problems"][0]


@pytest.mark.parametrize(
    ("field", "words"),
    [("last_claim_at", "cannot claim"), ("last_publish_at", "cannot publish")],
)
def test_a_beat_that_only_ticks_is_not_healthy(
    status: Callable[[], dict[str, Any]], field: str, words: str
) -> None:
    add_beat(**{field: LONG_AGO})
    assert [words in problem for problem in status()["problems"]] == [True]


def test_one_beat_that_publishes_is_enough(status: Callable[[], dict[str, Any]]) -> None:
    add_beat(last_publish_at=LONG_AGO)
    add_beat()
    assert status()["exit_code"] == 0


def test_an_overdue_schedule_is_a_problem(status: Callable[[], dict[str, Any]]) -> None:
    add_beat()
    add_timer(due_at=timezone.now() - LONG_AGO)
    answer = status()
    assert answer["overdue_timers"] == 1
    assert "1 schedule is overdue" in answer["problems"][0]


def test_an_edited_schedule_is_not_overdue_but_counted(
    status: Callable[[], dict[str, Any]],
) -> None:
    add_beat()
    add_timer(due_at=timezone.now() - LONG_AGO, is_stale=True)
    answer = status()
    assert (answer["exit_code"], answer["stale_timers"]) == (0, 1)


def test_a_schedule_that_is_set_aside_is_counted(status: Callable[[], dict[str, Any]]) -> None:
    add_beat()
    add_timer(set_aside_reason="broken_rule", set_aside_text="It is broken.")
    answer = status()
    assert (answer["exit_code"], answer["set_aside"]) == (0, 1)


def test_a_run_that_nobody_publishes_is_a_problem(status: Callable[[], dict[str, Any]]) -> None:
    add_beat()
    add_run(Overlap.ALLOW)
    assert "1 run is waiting to be published" in status()["problems"][0]


def test_a_run_may_wait_for_the_one_before_it(status: Callable[[], dict[str, Any]]) -> None:
    add_beat()
    add_run(Overlap.QUEUE_ALL)
    assert status()["exit_code"] == 0


def test_a_person_gets_lines_instead_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    add_beat()
    call_command("beat_status")
    assert capsys.readouterr().out.startswith("ok: 1 beat(s) claim and publish")
