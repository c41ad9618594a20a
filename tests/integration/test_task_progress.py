"""Progress: as often as the task likes, written at most once a second, and always the last one."""

from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from jobs.runs import current
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.integration.executing import executing, running_run
from tests.waiting import wait_until


def progress_of(run: Run) -> Any:
    """Return the progress in the ledger."""
    return Run.objects.values_list("progress", flat=True).get(id=run.id)


@pytest.mark.django_db
def test_the_last_report_is_written_once_the_attempt_ends(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run = running_run()
    with django_assert_num_queries(1), executing(run):
        for done in range(1001):
            current.report_progress(done, 1000, "rows")
    assert progress_of(run) == {"done": 1000, "total": 1000, "text": "rows"}


@pytest.mark.django_db(transaction=True)
def test_a_report_is_seen_while_the_task_goes_on_even_in_a_transaction() -> None:
    with executing() as run:
        current.report_progress(40, 100, "rows")
        wait_until(lambda: progress_of(run), "the first report")
        current.report_progress(80, 100)
        wait_until(lambda: progress_of(run)["done"] == 80, "the second report")


@pytest.mark.django_db(transaction=True)
def test_a_rollback_does_not_take_a_report_back() -> None:
    with executing() as run, transaction.atomic():
        current.report_progress(40, 100)
        transaction.set_rollback(True)
    assert progress_of(run)["done"] == 40


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"attempt": 2}, {"state": State.CANCELLED}])
def test_an_attempt_that_is_over_reports_nothing(changes: dict[str, Any]) -> None:
    with executing() as run:
        Run.objects.filter(id=run.id).update(**changes)
        current.report_progress(100, 100)
    assert progress_of(run) is None


@pytest.mark.django_db
def test_nonsense_is_clipped_and_ends_no_task() -> None:
    with executing() as run:
        current.report_progress(-5, -7, "x" * 10_000)
    assert progress_of(run) == {"done": 0, "total": None, "text": "x" * 200}


def test_outside_of_a_worker_everything_works_and_nothing_is_kept() -> None:
    current.report_progress(1, 2)
    current.link("Sales", "/reports/7/")
    current.raise_if_cancelled()
    assert not current.is_cancelled()
    assert current.attempt() == 1
    assert current.run_id() is None
