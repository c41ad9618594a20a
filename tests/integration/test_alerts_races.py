"""Several look and tell at the same time: nothing is told twice, and nothing gets lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from beat.models import Policy
from jobs.alerts.models import Alert, AlertMail, Telling
from jobs.alerts.telling import tell
from jobs.alerts.tellings import _make_mail, make_mails, write_tellings
from jobs.alerts.watching import watch
from jobs.mails.outcomes import Outcome
from jobs.mails.sending import Post
from jobs.runs.states import State
from tests.integration.alerting import asking, ended, look, meanwhile
from tests.integration.outgoing_runs import NOW

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def begun(name: str, **policy: str) -> Alert:
    """Return the alert of a schedule that has failed."""
    ended(asking(name, **policy), State.FAILED, 5)
    watch(NOW)
    return Alert.objects.get(schedule_name=name)


def test_a_sender_that_was_believed_dead_settles_nothing_that_another_one_sends_now() -> None:
    begun("Weather")
    taken_at = timezone.now() + MINUTE
    tell(NOW, meanwhile(lambda: AlertMail.objects.update(begun_at=taken_at), 2))
    row = AlertMail.objects.get()
    assert (row.begun_at, row.settled_at) == (taken_at, None)


def test_what_begins_while_mails_are_sent_is_told_in_the_next_look() -> None:
    begun("Weather")
    tell(NOW, meanwhile(lambda: begun("Late comer"), 3))
    assert look(NOW + MINUTE) == ["Weather failed", "Late comer failed"]


def test_a_mail_about_nothing_is_thrown_away_and_holds_up_nobody() -> None:
    alert = begun("Weather")
    write_tellings()
    make_mails(NOW)
    alert.delete()
    assert look() == []
    assert look(NOW + MINUTE) == ["Weather failed"]


def test_an_alert_that_two_end_is_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    alert = begun("Weather")
    ended(alert.schedule, State.SUCCEEDED, 1)
    assert watch(NOW + MINUTE) == (0, 1)
    # The other one has read the alerts before that.
    monkeypatch.setattr("jobs.alerts.watching._going_on", lambda: [alert])
    assert watch(NOW + 2 * MINUTE) == (0, 0)
    assert Alert.objects.get().over_at == NOW + MINUTE


def test_whom_to_tell_is_written_down_once_for_each_address(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    begun("Weather", alert_to="ada@example.org\nada@example.org")
    write_tellings()
    with django_assert_num_queries(2):
        write_tellings()
    # Another one has not seen those rows.
    unseen = Telling.objects.none()
    monkeypatch.setattr("jobs.alerts.tellings._tellings", lambda _: unseen)
    write_tellings()
    assert Telling.objects.count() == 1


def test_an_address_of_which_another_one_told_everything_gets_no_empty_mail() -> None:
    assert not _make_mail("ada@example.org", NOW)
    assert not AlertMail.objects.exists()


def test_what_waits_for_a_mail_is_told_to_nobody_when_nothing_asks_for_it_any_more() -> None:
    begun("Weather")
    write_tellings()
    make_mails(NOW)
    dropped = begun("Dropped")
    write_tellings()
    Policy.objects.filter(schedule=dropped.schedule_id).update(alert_on_failure=False)
    assert look(NOW + MINUTE) == ["Weather failed"]
    assert look(NOW + 2 * MINUTE) == []


class LedgerThatIsSeen:
    """A ledger that knows whether it is open; everything on the database must happen within."""

    is_open = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.is_open = True
        yield
        self.is_open = False

    def watch_statements(self, execute: Any, *arguments: Any) -> Any:
        assert self.is_open
        return execute(*arguments)


def test_the_database_is_used_within_the_ledger_and_mails_are_sent_outside_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, send = LedgerThatIsSeen(), Post.send

    def send_outside(post: Post, message: EmailMessage) -> Outcome:
        assert not ledger.is_open
        return send(post, message)

    begun("Weather")
    monkeypatch.setattr(Post, "send", send_outside)
    with connection.execute_wrapper(ledger.watch_statements):
        assert tell(NOW, ledger) == 1
