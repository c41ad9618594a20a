"""Senders that die, come back late, or work at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from jobs.mails.sending import longest_sending_seconds
from jobs.mails.wire import Wire
from jobs.reports.delivery.claiming import claim, leave
from jobs.reports.delivery.marks import Marks
from jobs.reports.delivery.senders import alive_until, bury_dead_senders, new_sender
from jobs.reports.delivery.sending import Sending
from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import DeliveryState, MailSender, ReportDelivery
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.integration.mailed_reports import outside, planned, states
from tests.servers.smtp import SmtpServer

NOW = timezone.now()
LEASE = timedelta(seconds=longest_sending_seconds())
SECOND = timedelta(seconds=1)
DEATHS = [{"attempt": 2}, {"state": State.LOST}, {"state": State.PENDING, "attempt": 2}]


def running() -> MailSender:
    """Return a sender whose run the ledger believes alive."""
    run = Run.objects.create(
        id=uuid4(), task="reports.deliver", state=State.RUNNING, due_at=NOW, publish_at=NOW
    )
    now = timezone.now()
    return MailSender.objects.create(
        id=uuid4(), run_id=run.id, attempt=1, marked_at=now, alive_until=alive_until(now)
    )


def run_of(sender: MailSender) -> QuerySet[Run]:
    """Return the run that sends."""
    return Run.objects.filter(id__in=[sender.run_id])


def in_the_middle(sender: MailSender) -> tuple[Marks, list[int]]:
    """Return the marks of a sender that has sent the first of four mails and is at the second.

    What it knows of the first is not written down.
    """
    outside(4)
    planned()
    keys = [row.pk for row in claim(sender, timezone.now())]
    marks = Marks(sender)
    assert marks.begin(keys[0], timezone.now())
    marks.arrived(keys[0])
    assert marks.begin(keys[1], timezone.now())
    return marks, keys


@pytest.mark.django_db
def test_what_a_living_sender_has_is_left_alone(smtp: SmtpServer) -> None:
    in_the_middle(running())
    assert deliver.apply().get() == {}
    assert set(states().values()) == {"waiting"}


@pytest.mark.django_db
@pytest.mark.parametrize("death", DEATHS)
def test_of_a_dead_senders_mails_one_is_doubtful_and_each_other_arrives_once(
    smtp: SmtpServer, death: dict[str, object]
) -> None:
    sender = running()
    in_the_middle(sender)
    run_of(sender).update(**death)
    assert deliver.apply().get() == {"found doubtful": 1, "sent": 2}
    assert deliver.apply().get() == {}
    assert list(states().values()) == ["sent", "doubtful", "sent", "sent"]
    assert smtp.recipients == ["reader-2@example.org", "reader-3@example.org"]
    assert not MailSender.objects.exists()


@pytest.mark.django_db
def test_outside_of_a_run_a_sender_is_dead_when_it_is_silent_for_longer_than_a_mail_takes() -> None:
    in_the_middle(new_sender(timezone.now()))
    assert bury_dead_senders(timezone.now() + LEASE - 5 * SECOND) == 0
    assert bury_dead_senders(timezone.now() + LEASE) == 1


@pytest.mark.django_db
def test_a_sender_that_was_taken_for_dead_sends_nothing_more() -> None:
    sender = running()
    marks, keys = in_the_middle(sender)
    run_of(sender).update(attempt=2)
    bury_dead_senders(timezone.now())
    assert not marks.begin(keys[2], timezone.now())
    assert claim(sender, timezone.now()) == []


@pytest.mark.django_db
def test_a_sender_that_was_taken_for_dead_and_has_an_answer_clears_the_doubt() -> None:
    sender = running()
    marks, keys = in_the_middle(sender)
    run_of(sender).update(attempt=2)
    assert bury_dead_senders(timezone.now()) == 1
    marks.arrived(keys[1])
    marks.close(timezone.now())
    assert list(states().values()) == ["sent", "sent", "waiting", "waiting"]


@pytest.mark.django_db
def test_what_a_person_has_decided_a_late_sender_does_not_change() -> None:
    sender = running()
    marks, keys = in_the_middle(sender)
    run_of(sender).update(attempt=2)
    bury_dead_senders(timezone.now())
    again = ReportDelivery.objects.filter(pk=keys[1])
    again.update(state=DeliveryState.WAITING, sender=None)
    marks.arrived(keys[1])
    marks.close(timezone.now())
    assert again.get().state == DeliveryState.WAITING


@pytest.mark.django_db
def test_a_sender_that_ends_between_two_mails_leaves_no_doubt() -> None:
    sender = running()
    marks, keys = in_the_middle(sender)
    marks.settle(keys[1], DeliveryState.REFUSED, error="550")
    marks.close(timezone.now())
    leave(sender)
    assert not MailSender.objects.exists()
    assert list(states().values()) == ["sent", "refused", "waiting", "waiting"]
    assert not ReportDelivery.objects.filter(state="waiting").exclude(sender=None).exists()


@pytest.mark.django_db
def test_a_sender_that_ends_while_a_mail_is_on_its_way_leaves_one_doubt() -> None:
    sender = running()
    marks, _ = in_the_middle(sender)
    marks.close(timezone.now())
    leave(sender)
    run_of(sender).update(state=State.FAILED)
    assert bury_dead_senders(timezone.now()) == 1
    assert list(states().values()) == ["sent", "doubtful", "waiting", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_send_each_mail_once(smtp: SmtpServer) -> None:
    outside(450)
    planned()
    start = Barrier(3)

    def work() -> int:
        try:
            start.wait()
            with Wire() as wire:
                sending = Sending(new_sender(timezone.now()), wire)
                sending.send_what_is_due()
            return sending.counts[DeliveryState.SENT]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as workers:
        counts = [one.result() for one in [workers.submit(work) for _ in range(3)]]
    assert sum(counts) == 450
    assert len(set(smtp.recipients)) == len(smtp.recipients) == 450
    assert set(states().values()) == {DeliveryState.SENT}
