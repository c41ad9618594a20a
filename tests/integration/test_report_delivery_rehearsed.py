"""Rehearsals of reports and of their mails: who asked gets one, and nothing is left of it."""

from pathlib import Path

import pytest
from django.utils import timezone

from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import Artefact, MailSender, ReportDelivery, Version
from jobs.reports.tasks import make
from jobs.runs.rehearsal import Rehearsal
from jobs.runs.worker.output.execution import current_execution
from jobs.runs.worker.seam.rehearsing import undone
from tests.integration.executing import executing
from tests.integration.mailed_reports import a_report, planned, states, subscribed
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
ASKER = "anna@example.org"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_rehearsed_report_is_mailed_to_who_asked_and_leaves_nothing(
    smtp: SmtpServer, artefacts_folder: Path
) -> None:
    report = a_report("run-history", formats=["csv"])
    subscribed("ada", "bob", report=report, attached_formats=["csv"])
    # By their clock this is later; who rehearses wants to see it now.
    subscribed("cleo", report=report, send_at=timezone.now().time())
    with executing(), undone(Rehearsal(ASKER)):
        assert make("run-history")["version"] == 1
        execution = current_execution()
        assert execution is not None
        assert execution.links == [], "there is no page to lead to"
    [mail] = smtp.messages
    assert mail["To"] == ASKER
    assert mail["Subject"].startswith("[Rehearsal, for ada@example.org] Platform history, ")
    [file] = mail.iter_attachments()
    assert str(file.get_filename()).endswith(".csv")
    assert mail["List-Unsubscribe"] is None
    left = (Version, Artefact, ReportDelivery, MailSender)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]
    assert files_in(artefacts_folder) == []


def test_a_rehearsal_of_the_mails_shows_one_of_each_version_and_sends_none(
    smtp: SmtpServer,
) -> None:
    subscribed("ada", "bob")
    planned()
    planned()
    with executing(), undone(Rehearsal(ASKER)):
        assert deliver() == {"rehearsed": 2}
    assert smtp.recipients == [ASKER, ASKER]
    assert set(states().values()) == {"waiting"}
    assert not ReportDelivery.objects.exclude(sender=None, attempts=0).exists()
    assert not MailSender.objects.exists()
    assert deliver.apply().get() == {"sent": 4}
    assert sorted(smtp.recipients[2:]) == ["ada@example.org"] * 2 + ["bob@example.org"] * 2


def test_a_rehearsed_report_without_subscribers_or_without_an_address_sends_nothing(
    smtp: SmtpServer, artefacts_folder: Path
) -> None:
    a_report("run-history", formats=["csv"])
    with executing(), undone(Rehearsal(ASKER)):
        make("run-history")
    subscribed("ada", report=a_report("run-history"))
    with executing(), undone(Rehearsal("")):
        make("run-history")
    assert (smtp.messages, files_in(artefacts_folder)) == ([], [])
