"""What a task logs and prints is kept with its attempt, and still goes where it went before."""

import contextvars
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import pytest
import structlog
from celery import shared_task
from celery.utils.log import LoggingProxy
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from jobs.runs.models import RunLog
from jobs.runs.worker.output import capturing
from jobs.runs.worker.output.kept_text import KEPT_BYTES
from tests.integration.executing import executing, log_of, running_run
from tests.waiting import wait_until

logger = logging.getLogger("sales.export")


@shared_task(name="tests.say_inside")
def say_inside() -> None:
    """Say something."""
    print("inside")


@pytest.mark.django_db
def test_what_is_printed_is_kept_and_still_goes_where_it_went(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sys.stdout, sys.stderr
    with executing() as run:
        print("40 rows", end=" ")
        print("written")
        sys.stderr.writelines(["no ", "disk\n"])
    assert log_of(run) == "40 rows written\nno disk\n"
    assert capsys.readouterr() == ("40 rows written\n", "no disk\n")
    assert (sys.stdout, sys.stderr) == before


@pytest.mark.django_db
def test_what_loggers_say_is_kept_with_level_and_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with executing() as run:
        logger.warning("%s rows left out", 3, extra={"file": "may.csv"})
        structlog.get_logger("sales.mail").error("not sent", to="ada")
        try:
            Path("/nowhere").read_text()
        except OSError:
            logger.exception("stopped")
    said = log_of(run)
    assert "[warning  ] 3 rows left out" in said
    assert "file=may.csv" in said
    assert "[error    ] not sent" in said
    assert "to=ada" in said
    assert "FileNotFoundError: [Errno 2]" in said
    assert [record.name for record in caplog.records] == [
        "sales.export",
        "sales.mail",
        "sales.export",
    ]


@pytest.mark.django_db
def test_what_celery_and_the_ledger_say_about_a_task_is_not_its_own() -> None:
    with executing() as run:
        for name in ("celery.app.trace", "jobs.runs.worker.seam.task"):
            logging.getLogger(name).error("the task failed")
    assert not RunLog.objects.filter(run=run).exists()


@pytest.mark.django_db
def test_a_silent_task_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run = running_run()
    with django_assert_num_queries(0), executing(run):
        pass
    assert not RunLog.objects.exists()


@pytest.mark.django_db
def test_what_is_printed_through_celerys_redirection_is_kept_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "stdout", LoggingProxy(logging.getLogger("celery.redirected"), 30))
    with executing() as run:
        print("40 rows")
    assert log_of(run) == "40 rows\n"
    assert [record.getMessage() for record in caplog.records] == ["40 rows"]


@pytest.mark.django_db
def test_of_much_that_is_said_the_end_is_kept_and_the_rest_counted() -> None:
    with executing() as run:
        for number in range(20_000):
            print(f"row {number:05}")
        print("the \x00 end")
    log = RunLog.objects.get(run=run)
    assert log.text.endswith("row 19999\nthe \ufffd end\n")
    assert log.text.startswith("row ")
    assert len(log.text.encode()) <= KEPT_BYTES
    assert len(log.text.encode()) + log.dropped_bytes == 20_000 * 10 + 12


@pytest.mark.django_db(transaction=True)
def test_a_task_that_goes_on_is_heard_before_it_ends() -> None:
    with executing() as run:
        print("one")
        wait_until(lambda: log_of(run) == "one\n", "the first line")
        print("two")
        wait_until(lambda: log_of(run) == "one\ntwo\n", "the second line")


@pytest.mark.django_db(transaction=True)
def test_what_is_said_inside_of_a_transaction_outlives_its_rollback() -> None:
    with executing() as run, transaction.atomic():
        print("before it went wrong")
        transaction.set_rollback(True)
    assert log_of(run) == "before it went wrong\n"


@pytest.mark.django_db(transaction=True)
def test_two_tasks_in_one_process_do_not_mix() -> None:
    runs = [running_run(), running_run()]
    together = Barrier(2)

    def work(number: int) -> None:
        try:
            with executing(runs[number]):
                for _ in range(50):
                    together.wait()
                    print(number, end="")
                    logger.warning("of %s", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        for _ in threads.map(work, [0, 1]):
            pass
    for number in (0, 1):
        said = log_of(runs[number])
        assert said.count(f"of {number}") == 50
        assert f"of {1 - number}" not in said


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_the_tasks_own_is_heard_in_a_copy_of_its_context() -> None:
    def run_in_thread(context: contextvars.Context) -> None:
        thread = Thread(target=context.run, args=(print, "hello"))
        thread.start()
        thread.join()

    with executing() as run:
        run_in_thread(contextvars.Context())
        assert log_of(run) == ""
        run_in_thread(contextvars.copy_context())
    assert log_of(run) == "hello\n"


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_talks_on_after_the_end_is_not_heard() -> None:
    with executing() as run:
        print("in time")
        context = contextvars.copy_context()
    context.run(capturing.say, "too late")
    with executing() as other:
        print("later")
        wait_until(lambda: log_of(other), "all that is said to be written once more")
    assert log_of(run) == "in time\n"


@pytest.mark.django_db
def test_a_task_that_executes_another_one_goes_on_as_itself() -> None:
    with executing() as run:
        print("before")
        say_inside.apply()
        print("after")
    assert log_of(run).startswith("before\n")
    assert log_of(run).endswith("after\n")


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_ends_no_task(caplog: pytest.LogCaptureFixture) -> None:
    gone = running_run()
    gone_id = gone.id
    gone.delete()
    gone.id = gone_id
    with executing(gone):
        print("nobody keeps this")
    assert "could not be written" in caplog.text
    assert not RunLog.objects.exists()


@pytest.mark.django_db
def test_an_end_without_a_beginning_is_nothing() -> None:
    capturing.end()
