"""What would not run is refused with a sentence; what may not run yet is warned of."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from beat.arguments import Problem, check, task_names, task_warnings
from tests.integration import argument_tasks  # noqa: F401 -- registers its tasks
from tests.integration.held_runs import make_worker

pytestmark = pytest.mark.django_db
DEEP: list[Any] = []
for _ in range(60):
    DEEP = [DEEP]


def sentences(task: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, str]:
    """Return the first sentence for each field that is refused."""
    found: dict[str, str] = {}
    for problem in check(f"arguments.{task}", args, kwargs):
        found.setdefault(problem.field, problem.sentence)
    return found


@pytest.mark.parametrize(
    ("task", "args", "kwargs", "field", "sentence"),
    [
        ("plain", [], {}, "count", "It is required: write a whole number."),
        ("plain", [1, "x", 0.5, True], {}, "args", "4 are given, and the task takes 3."),
        ("plain", [1], {"count": 2}, "count", "given twice"),
        ("plain", [1], {"cuont": 2}, "cuont", "The task takes no “cuont”. It takes “count”"),
        ("nothing", [], {"x": 2}, "x", "It takes nothing."),
        ("plain", ["1"], {}, "count", "Write a whole number."),
        ("plain", [1], {"is_dry": 1}, "is_dry", "Write yes or no (true or false)."),
        ("instants", ["1 March"], {}, "day", "Write a date such as 2026-03-01."),
        ("choices", ["hourly"], {}, "cadence", 'Write one of "daily", "weekly", 5.'),
        ("choices", [5, "blue"], {}, "colour", 'Write one of "red", 2.'),
        ("bounded", [101], {}, "percent", "should be less than or equal to 100"),
        ("either", [[1]], {}, "value", "Write a whole number or a text."),
        ("required", [True, ["a", 1], None], {}, "names", "Entry 2: write a text."),
        ("structures", [], {"span": {"days": "x"}}, "span", "“begin”: it is missing."),
        ("by_place", [1], {"second": "b"}, "second", "has to be given by its place"),
        ("by_place", [1, "b", "x"], {}, "others", "Write a date"),
        ("bound", ["x"], {"task": 1}, "task", "the call uses it"),
        ("bound", ["x"], {"self": 1}, "self", "the call uses it"),
        ("impossible", [], {"connection": {}}, "connection", "JSON has no such value"),
        ("of_celery", [{"title": 5}], {}, "options", "“title”: write a text."),
        ("untyped", [float("nan")], {}, "args", "cannot be sent as JSON"),
        ("untyped", ["\0"], {}, "args", "\\u0000"),
        ("untyped", [1], {"x": {1, 2}}, "kwargs", "cannot be sent as JSON"),
        ("untyped", DEEP, {}, "args", "nested more than 50 deep"),
        ("untyped", ["x" * 100_001], {}, "args", "100,000 may be stored"),
        ("untyped", [], {"__type__": "date", "__value__": "2026-03-01"}, "kwargs", "Celery's own"),
    ],
)
def test_what_would_not_run_is_refused_with_a_sentence(
    task: str, args: list[Any], kwargs: dict[str, Any], field: str, sentence: str
) -> None:
    assert sentence in sentences(task, args, kwargs)[field]


def test_of_a_task_that_is_not_known_here_only_the_json_is_checked() -> None:
    assert check("elsewhere.task", [1], {"anything": "goes"}) == []
    assert check("elsewhere.task", [float("inf")], {})


def test_a_validator_that_breaks_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("no network")

    monkeypatch.setattr("jobs.runs.arguments.Fitting.fit", breaks)
    [problem] = check("arguments.bounded", [1], {})
    assert problem == Problem("percent", "It cannot be checked: RuntimeError: no network.")


def test_a_worker_tells_which_tasks_it_knows_and_nothing_is_warned_of() -> None:
    make_worker(timezone.now(), queues=["default"], tasks=["arguments.plain"])
    assert task_warnings("arguments.plain") == []


def test_a_queue_that_nobody_takes_from_is_warned_of() -> None:
    make_worker(timezone.now(), queues=["default", "mail"], tasks=["arguments.plain"])
    [warning] = task_warnings("arguments.plain", "slow")
    assert warning.startswith("No worker takes from the queue “slow”: the runs would wait.")
    assert "choose one of: default, mail" in warning
    assert task_warnings("arguments.plain", "mail") == []
    assert task_warnings("arguments.plain", "slow", exchange="elsewhere") == []


def test_the_queue_that_the_routes_choose_counts_where_none_is_named() -> None:
    make_worker(timezone.now(), queues=["default"], tasks=["feedback.thank"])
    [warning] = task_warnings("feedback.thank")
    assert "queue “mail”" in warning


def test_a_task_that_nobody_knows_is_warned_of_with_a_name_like_it() -> None:
    [warning] = task_warnings("report.make")
    assert "is not known here" in warning
    assert "Did you mean “reports.make”?" in warning


def test_a_task_that_only_workers_know_cannot_be_checked() -> None:
    make_worker(timezone.now(), queues=["default"], tasks=["elsewhere.task"])
    [warning] = task_warnings("elsewhere.task")
    assert warning == (
        "Only workers know the task “elsewhere.task”. Its arguments cannot be checked here."
    )


def test_a_task_that_no_worker_knows_is_warned_of() -> None:
    make_worker(timezone.now(), queues=["default"], tasks=["elsewhere.task"])
    assert "Start workers with this version" in task_warnings("arguments.plain")[0]


def test_silent_and_ended_workers_count_for_nothing() -> None:
    now = timezone.now()
    lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
    make_worker(now - 2 * lease, queues=["slow"], tasks=["arguments.plain"])
    make_worker(now, queues=["slow"], tasks=["arguments.plain"], stopped_at=now)
    assert task_warnings("arguments.plain", "slow") == []
    make_worker(now, queues=["default"], tasks=["arguments.plain"])
    assert task_warnings("arguments.plain", "slow")


def test_celerys_own_tasks_are_not_offered() -> None:
    assert "arguments.plain" in task_names()
    assert not any(name.startswith("celery.") for name in task_names())
