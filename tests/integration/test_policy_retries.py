"""A schedule's rule for retries, from its policy through beat and a worker to the ledger."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Policy
from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import ENDS, State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats, wait_for_beats
from tests.integration.seam_worker import seam_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

RULE = {"max_attempts": 3, "backoff_seconds": 1, "retry_on": "OSError"}


def due_once(task: str, **rule: Any) -> None:
    """Insert a schedule of the task that is due a single time, a second from now."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    with transaction.atomic():
        schedule = PeriodicTask.objects.create(
            name=task, task=task, interval=interval, one_off=True
        )
        Policy.objects.create(schedule=schedule, **rule)


def outcomes_of(task: str) -> list[str]:
    """Return how the attempts ended that were followed by another one."""
    attempts = Attempt.objects.filter(run__task=task).order_by("number")
    return list(attempts.values_list("outcome", flat=True))


def test_a_policys_rule_and_celerys_own_retries_show_as_attempts_of_one_run(
    broker: RedisServer, tmp_path: Path
) -> None:
    with (
        seam_worker(broker.url, tmp_path / "worker.log"),
        Beats(1, broker.url, tmp_path),
    ):
        wait_for_beats(1)
        due_once("seam.lack_a_file", **RULE)
        due_once("seam.fail", **RULE)
        due_once("seam.retried_by_celery", max_attempts=1)
        due_once("seam.retried_for_its_error", max_attempts=1)
        wait_until(lambda: Run.objects.filter(state__in=ENDS).count() == 4, "four runs to end")
    runs = {run.task: run for run in Run.objects.all()}
    ends = {task: (run.state, run.attempt, run.failures) for task, run in runs.items()}
    assert ends == {
        # In the list, as what is derived from it; so often as the policy says.
        "seam.lack_a_file": (State.FAILED, 3, 3),
        # Not in the list.
        "seam.fail": (State.FAILED, 1, 1),
        "seam.retried_by_celery": (State.SUCCEEDED, 3, 0),
        "seam.retried_for_its_error": (State.SUCCEEDED, 3, 0),
    }
    assert outcomes_of("seam.lack_a_file") == [Outcome.FAILED] * 2
    assert outcomes_of("seam.retried_by_celery") == [Outcome.RETRIED] * 2
    assert outcomes_of("seam.retried_for_its_error") == [Outcome.RETRIED] * 2
    assert_pauses_double(runs["seam.lack_a_file"])


def assert_pauses_double(run: Run) -> None:
    """Assert that no attempt began before the pause of the policy was over, less its jitter."""
    first, second = Attempt.objects.filter(run=run).order_by("number")
    assert first.started_at is not None
    assert second.started_at is not None
    assert run.started_at is not None
    assert second.started_at - first.ended_at >= 0.75 * timedelta(seconds=1)
    assert run.started_at - second.ended_at >= 0.75 * timedelta(seconds=2)
