"""A rehearsal leaves nothing behind: its writes are undone, its mail goes to the one who asked."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from beat.access.asker import Asker
from beat.actions.rehearse import rehearse
from beat.actions.run_now import run_now
from jobs.mails.rehearsed import redirected
from jobs.runs import current
from jobs.runs.models import Once, Run, RunLog
from jobs.runs.rehearsal import HEADER, Rehearsal, rehearsal_of
from jobs.runs.states import Kind, State
from jobs.runs.worker.seam import rehearsing
from jobs.runs.worker.seam.rehearsing import RehearsalError, undone
from scheduler_site.development.redis_server import RedisServer
from tests.integration.acting import every_minute, trail
from tests.integration.executing import executing
from tests.integration.outgoing_runs import make_run
from tests.integration.seam_worker import publishing, seam_worker, wait_for_end
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = "jobs.mails.rehearsed.RehearsalAwareBackend"
TASKS = ("-I", "tests.integration.rehearsed_tasks")


@pytest.fixture
def asker() -> Asker:
    """Return somebody with a mail address."""
    user = User.objects.create_superuser("anna", "anna@example.org")
    return Asker(user.pk, "anna", "admin")


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule of the task that leaves traces."""
    made: PeriodicTask = every_minute(task="tests.leave_traces", args='["invoices"]')
    return made


def mail_variables(smtp: SmtpServer) -> dict[str, str]:
    """Return what tells a worker of the mail server."""
    return {"EMAIL_HOST": smtp.host, "EMAIL_PORT": str(smtp.port), "EMAIL_SECURITY": "none"}


def test_a_rehearsal_at_a_worker_leaves_nothing_but_its_run_and_its_log(
    broker: RedisServer, tmp_path: Path, smtp: SmtpServer, asker: Asker, schedule: PeriodicTask
) -> None:
    with seam_worker(broker.url, tmp_path / "worker.log", *TASKS, **mail_variables(smtp)):
        [run_id] = rehearse([schedule.pk], asker, why="Is the text right?").made
        [run] = wait_for_end(run_id)
        publishing(
            lambda: Run.objects.filter(task="tests.note", state=State.SUCCEEDED).exists(),
            "the call of the rehearsal",
        )
    assert (run.kind, run.state) == (Kind.REHEARSAL, State.SUCCEEDED)
    assert run.result == {"is_rehearsal": True, "first": True}
    assert run.progress
    assert "saw 1 group" in RunLog.objects.get(run=run).text
    # Written by nobody: not by the task, and not by what it has called.
    assert not Group.objects.filter(name__contains="invoices").exists()
    assert not Once.objects.exists()
    [called] = Run.objects.filter(task="tests.note")
    assert called.result is True
    assert called.is_rehearsal
    [letter] = smtp.messages
    assert smtp.recipients == ["anna@example.org"]
    assert "[Rehearsal, for customer@example.org] Your invoice" in str(letter["Subject"])
    assert trail(schedule) == ["rehearse by anna: Is the text right?"]


def test_a_rehearsal_is_in_no_other_runs_way_and_is_tried_once(
    asker: Asker, schedule: PeriodicTask
) -> None:
    rehearse([schedule.pk], asker)
    run = Run.objects.get()
    assert (run.overlap, run.max_attempts, run.max_losses) == ("allow", 1, 0)
    assert run.headers == {HEADER: {"mail_to": "anna@example.org"}}


def test_a_run_that_is_none_says_so(asker: Asker, schedule: PeriodicTask) -> None:
    run_now([schedule.pk], asker)
    assert not Run.objects.get().is_rehearsal
    with executing():
        assert not current.is_rehearsal()


def write_elsewhere() -> None:
    """Write by a connection of its own, as beat and other workers do."""
    try:
        Group.objects.create(name="elsewhere")
    finally:
        connection.close()


def test_others_write_while_a_rehearsal_has_written() -> None:
    run = make_run(state=State.RUNNING)
    with executing(run), undone(Rehearsal()):
        Group.objects.create(name="invoices")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write_elsewhere).result(timeout=10)
        current.report_progress(1, 2)
        print("said")
        assert current.is_rehearsal()
    assert not Group.objects.filter(name="invoices").exists()
    assert RunLog.objects.get(run=run).text == "said\n"
    assert Group.objects.filter(name="elsewhere").exists()


def test_an_error_in_a_rehearsal_undoes_as_well() -> None:
    with executing(), pytest.raises(ZeroDivisionError), undone(Rehearsal()):
        Group.objects.create(name="invoices")
        raise ZeroDivisionError
    assert not Group.objects.filter(name="invoices").exists()
    assert not connection.in_atomic_block


def test_what_waits_for_the_commit_is_not_called() -> None:
    called: list[str] = []
    with executing(), undone(Rehearsal()):
        transaction.on_commit(lambda: called.append("committed"))
    assert called == []


def test_sqlite_refuses_to_copy_a_large_database_and_postgresql_copies_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rehearsing, "MOST_COPIED_BYTES", 1)
    refused = pytest.raises(RehearsalError, match="PostgreSQL needs no copy")
    outcome = refused if connection.vendor == "sqlite" else nullcontext()
    with executing(), outcome, undone(Rehearsal()):
        Group.objects.create(name="invoices")
    assert not connection.in_atomic_block
    assert not Group.objects.filter(name="invoices").exists()


def test_mail_of_a_rehearsal_goes_to_the_one_who_asked(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = BACKEND
    with executing(), undone(Rehearsal("anna@example.org")):
        mail.send_mail("Hello", "Text", None, ["one@example.org", "two@example.org"])
    [letter] = smtp.messages
    assert smtp.recipients == ["anna@example.org"]
    assert "for 2 people" in str(letter["Subject"])


def test_mail_is_held_back_where_nobody_can_get_it(smtp: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_BACKEND = BACKEND
    run = make_run(state=State.RUNNING)
    with executing(run), undone(Rehearsal("")):
        assert mail.send_mail("Hello", "Text", None, ["one@example.org"]) == 1
    assert smtp.messages == []
    log = RunLog.objects.get(run=run).text
    assert "held back" in log
    assert "one@example.org" in log


def test_mail_outside_of_a_rehearsal_goes_where_it_is_meant_to(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = BACKEND
    with executing():
        mail.send_mail("Hello", "Text", None, ["one@example.org"])
    assert smtp.recipients == ["one@example.org"]


def test_a_redirected_mail_has_another_message_id_and_leaves_the_first_as_it_was() -> None:
    message = EmailMessage(
        "Hello", "Text", to=["one@example.org"], bcc=["two@example.org"],
        headers={"Message-ID": "<1@example.org>", "X-Kind": "digest"},
    )  # fmt: skip
    new = redirected(message, "anna@example.org")
    assert new.recipients() == ["anna@example.org"]
    assert new.extra_headers == {"X-Kind": "digest"}
    assert message.recipients() == ["one@example.org", "two@example.org"]
    assert message.extra_headers["Message-ID"] == "<1@example.org>"


@pytest.mark.parametrize("junk", [True, "yes", {"mail_to": 3}, {}, [1]])
def test_a_header_that_somebody_else_wrote_is_read_with_care(junk: object) -> None:
    found = rehearsal_of(junk)
    assert found is None or found.mail_to == ""
