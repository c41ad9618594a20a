"""Each address gets one mail of all that is to be told to it, and nothing gets lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django import DjangoAssertNumQueries, Settings

from beat.models import Policy
from jobs.alerts.models import Alert, AlertMail, Telling
from jobs.alerts.of_schedule import told_in_words
from jobs.alerts.telling import tell
from jobs.alerts.tellings import _make_mail, make_mails, write_tellings, write_told
from jobs.alerts.watching import watch
from jobs.mails.sending import LOST_CONNECTIONS, longest_sending_seconds
from jobs.runs.states import State
from tests.integration.alerting import asking, ended, look, meanwhile
from tests.integration.outgoing_runs import NOW
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
ADA, BOB = "ada@example.org", "bob@example.org"


def failed(number_of_them: int, **policy: Any) -> list[PeriodicTask]:
    """Return so many schedules that failed."""
    schedules = [asking(f"Task {number}", **policy) for number in range(number_of_them)]
    for schedule in schedules:
        ended(schedule, State.FAILED, 5)
    return schedules


def test_what_fails_together_is_one_mail_with_what_is_over_meanwhile() -> None:
    first, *_ = failed(3)
    assert look() == ["3 schedules are in trouble"]
    ended(first, State.SUCCEEDED, 1)
    ended(asking("Late comer"), State.FAILED, 1)
    watch(NOW + MINUTE)
    tell(NOW + MINUTE)
    [message] = mail.outbox
    assert message.subject == "1 schedule is in trouble, 1 is in order again"
    assert "Late comer failed" in message.body
    assert "In order again: Task 0" in message.body
    assert "Task 1" not in message.body


def test_a_mail_names_so_many_and_leads_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.alerts.letters.MOST_LINES", 2)
    schedules = failed(5)
    watch(NOW)
    tell(NOW)
    [message] = mail.outbox
    assert message.subject == "5 schedules are in trouble"
    assert message.body.count("No room left.") == 2
    assert "And 3 more" in message.body
    assert reverse("admin:alerts_alert_changelist") in message.body
    mail.outbox.clear()
    assert look(NOW + MINUTE) == []
    for schedule in schedules[:3]:
        ended(schedule, State.SUCCEEDED, 1)
    ended(asking("Late comer"), State.FAILED, 1)
    watch(NOW + MINUTE)
    tell(NOW + MINUTE)
    [message] = mail.outbox
    assert message.body.count("No room left.") == 2
    assert "And 2 more" in message.body


def test_who_cannot_be_reached_is_told_later_and_the_others_now(smtp: SmtpServer) -> None:
    failed(1, alert_to=f"{ADA}\n{BOB}")
    # It breaks once.
    smtp.closing.add(BOB)
    look()
    assert smtp.recipients == [ADA]
    assert told_in_words(Alert.objects.get()) == f"Told to {ADA}. Still to be told to {BOB}."
    assert Alert.objects.get().told_at is None
    look(NOW + MINUTE)
    assert smtp.recipients == [ADA, BOB]
    assert Alert.objects.get().told_at == NOW + MINUTE


def test_who_is_refused_keeps_nobody_from_being_told_and_is_named(smtp: SmtpServer) -> None:
    failed(1, alert_to=f"{ADA}\n{BOB}")
    smtp.refused.add(ADA)
    look()
    assert smtp.recipients == [BOB]
    words = told_in_words(Alert.objects.get())
    assert words == f"Not told to {ADA}: 550 5.1.1 No such person here Told to {BOB}."
    look(NOW + MINUTE)
    assert smtp.recipients == [BOB]


def test_after_an_outage_of_the_mail_server_each_gets_what_gathered_at_once(
    smtp: SmtpServer,
) -> None:
    smtp.stop()
    first, *_ = failed(1)
    for minute in range(3):
        ended(asking(f"Later {minute}"), State.FAILED, 1)
        look(NOW + minute * MINUTE)
    ended(first, State.SUCCEEDED, 0)
    look(NOW + 3 * MINUTE)
    smtp.start()
    look(NOW + 4 * MINUTE)
    look(NOW + 5 * MINUTE)
    subjects = [message["Subject"] for message in smtp.messages]
    # What the first try was about, and all that came while it could not be sent.
    assert subjects == [
        "2 schedules are in trouble",
        "2 schedules are in trouble, 1 is in order again",
    ]


def test_a_server_that_is_away_is_asked_a_few_times_in_a_look(smtp: SmtpServer) -> None:
    smtp.stop()
    failed(1, alert_to="\n".join(f"{number}@example.org" for number in range(5)))
    look()
    assert AlertMail.objects.filter(words__gt="").count() == LOST_CONNECTIONS


def test_a_look_sends_so_many_mails_the_oldest_first_and_the_next_one_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jobs.alerts.telling.AT_ONCE", 1)
    for minutes, address in ((1, BOB), (0, ADA)):
        ended(asking(address, alert_to=address), State.FAILED, 5)
        watch(NOW)
        write_tellings()
        make_mails(NOW - minutes * MINUTE)
    assert [look(), look(), look()] == [[f"{BOB} failed"], [f"{ADA} failed"], []]


def test_what_began_and_is_over_before_it_is_told_is_told_as_over(smtp: SmtpServer) -> None:
    smtp.stop()
    failed(1)
    look()
    short = asking("Short")
    ended(short, State.FAILED, 1)
    look(NOW + MINUTE)
    ended(short, State.SUCCEEDED, 0)
    smtp.start()
    look(NOW + 2 * MINUTE)
    look(NOW + 3 * MINUTE)
    subjects = [message["Subject"] for message in smtp.messages]
    assert subjects == ["Task 0 failed", "In order again: Short"]


def test_who_is_put_off_for_a_day_is_given_up(smtp: SmtpServer) -> None:
    failed(1)
    smtp.greylisted = 100
    look()
    look(NOW + timedelta(hours=23))
    assert AlertMail.objects.get().settled_at is None
    look(NOW + timedelta(hours=25))
    assert "Not told to ada@example.org: 451" in told_in_words(Alert.objects.get())


def test_a_mail_whose_sender_died_goes_out_once_more_with_the_same_id(
    smtp: SmtpServer, settings: Settings
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    failed(1)
    watch(NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobs.alerts.telling._settle", lambda *_: die())
        with pytest.raises(KeyboardInterrupt):
            tell(NOW)
    look(NOW + MINUTE)
    assert len(smtp.messages) == 1, "its sender may be alive"
    row = AlertMail.objects.get()
    assert row.begun_at is not None
    row.begun_at -= timedelta(seconds=longest_sending_seconds() + 1)
    row.save()
    look(NOW + 2 * MINUTE)
    look(NOW + 3 * MINUTE)
    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content_type() == "multipart/alternative"


def test_two_who_tell_at_the_same_time_send_one_mail() -> None:
    failed(1)
    watch(NOW)
    taken = meanwhile(lambda: AlertMail.objects.update(begun_at=timezone.now()), 1)
    assert tell(NOW, taken) == 0
    assert mail.outbox == []
    assert AlertMail.objects.get().settled_at is None


def test_an_address_has_one_mail_under_way(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _, second = failed(2)
    Policy.objects.filter(schedule=second).update(alert_on_failure=False)
    watch(NOW)
    write_tellings()
    assert make_mails(NOW) == 1
    Policy.objects.filter(schedule=second).update(alert_on_failure=True)
    watch(NOW)
    write_tellings()
    with django_assert_num_queries(1):
        assert make_mails(NOW) == 0
    assert Telling.objects.filter(mail=None).count() == 1
    write_told(NOW)
    assert not Alert.objects.filter(told_at__isnull=False).exists()
    # Another one had not seen that mail yet when it looked.
    assert not _make_mail(ADA, NOW)
    assert AlertMail.objects.count() == 1


def test_what_is_too_long_for_an_address_keeps_nobody_from_being_told(smtp: SmtpServer) -> None:
    failed(1, alert_to=f"{'x' * 400}\n{ADA}")
    look()
    look(NOW + MINUTE)
    assert smtp.recipients == [ADA]
