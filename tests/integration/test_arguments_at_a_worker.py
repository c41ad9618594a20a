"""A real worker runs what the form of arguments accepted, and tells which tasks it knows."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from beat.arguments import task_warnings
from beat.arguments.form import ArgumentsForm
from jobs.runs.models import Run, Worker
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.integration import argument_tasks
from tests.integration.outgoing_runs import make_run
from tests.integration.seam_worker import seam_worker, wait_for_end

pytestmark = pytest.mark.django_db(transaction=True)

CASES: list[tuple[Any, dict[str, str]]] = [
    (argument_tasks.plain, {"count": "5", "is_dry": "true"}),
    (argument_tasks.instants, {"day": "2026-03-01", "every": "PT1H", "days": "2026-03-02"}),
    (argument_tasks.choices, {"cadence": '"weekly"', "colour": "2", "levels": "[2]"}),
    (argument_tasks.structures, {"span": '{"begin": "2026-03-01"}', "place": '["Rome", 20]'}),
    (argument_tasks.structures, {"span.begin": "2026-03-01", "span.days": "3"}),
    (argument_tasks.of_celery, {"options": '{"title": "x", "levels": [1]}'}),
    (argument_tasks.by_place, {"first": "1", "second": "b"}),
    (argument_tasks.bound, {"name": "x"}),
]


def run_of_form(task: Any, fields: dict[str, str]) -> Run:
    """Return a run with the arguments that the form makes of these fields."""
    posted = {"arguments-task": task.name, "arguments-mode": "fields"}
    form = ArgumentsForm(task.name, posted | {f"argument-{name}": fields[name] for name in fields})
    assert form.is_valid(), form.errors
    args, kwargs = form.args_kwargs()
    now = timezone.now()
    return make_run(task=task.name, args=args, kwargs=kwargs, due_at=now, publish_at=now)


def test_what_the_form_accepted_runs_at_a_worker(broker: RedisServer, tmp_path: Path) -> None:
    with seam_worker(broker.url, tmp_path / "log", "-I", argument_tasks.__name__):
        runs = [run_of_form(task, fields) for task, fields in CASES]
        ended = wait_for_end(*(run.id for run in runs))
        assert [(run.task, run.state, run.error) for run in ended] == [
            (run.task, State.SUCCEEDED, "") for run in runs
        ]
        [worker] = Worker.objects.all()
        assert {"arguments.plain", "reports.make"} <= {*worker.tasks}
        assert not any(name.startswith("celery.") for name in worker.tasks)
        assert task_warnings("arguments.plain") == []
        assert task_warnings("arguments.plian")
