"""Digests: each subscriber is told once what is new since their last one, over real SMTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from jobs.digests.delivering import claimed, deliver, make_deliveries
from jobs.digests.models import Delivery, DeliveryState, Subscriber
from jobs.digests.registry import Line, Section, SectionMaker, SharedSection, shared
from jobs.digests.sections import SectionReader
from jobs.digests.tasks import DigestsPostponedError, send
from jobs.mails.sending import Post, longest_sending_seconds
from jobs.runs.models import Run
from tests.servers.smtp import SmtpServer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)


class Asked:
    """The sections of these tests: one with a line, or none; `spans` are what it was asked."""

    def __init__(self) -> None:
        self.spans: list[tuple[datetime, datetime]] = []
        self.section: Section | None = Section(
            "New reports",
            [Line("Sales <of> May", "/reports/7/", "made <this> morning"), Line("And <more>")],
        )

    def make(self, since: datetime, until: datetime) -> Section | None:
        """Return the section of a span."""
        self.spans.append((since, until))
        return self.section


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Replace the sections of the installed apps by one."""
    only = Asked()
    use_sections(monkeypatch, only.make)
    return only


def use_sections(monkeypatch: pytest.MonkeyPatch, *makers: SharedSection) -> None:
    """Let these be the sections that there are."""
    made = [SectionMaker(make.__name__, make.__name__, 0, shared(make)) for make in makers]
    monkeypatch.setattr("jobs.digests.sections.section_makers", lambda: made)


def subscriber(name: str, **changes: Any) -> Subscriber:
    """Return a new subscriber with an address of that name."""
    user = User.objects.create_user(name, f"{name}@example.org")
    return Subscriber.objects.create(user=user, **changes)


def states() -> dict[str, str]:
    """Return each user's newest delivery's state."""
    found = Delivery.objects.order_by("covered_until").select_related("subscriber__user")
    return {delivery.subscriber.user.username: delivery.state for delivery in found}


@pytest.mark.django_db
def test_a_digest_is_text_and_html_with_links_to_our_site(
    smtp: SmtpServer, asked: Asked, settings: Settings
) -> None:
    settings.SITE_URL = "https://punctual.example.org"
    ada = subscriber("ada")
    assert send.apply().get() == {"sent": 1}
    [mail] = smtp.messages
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "https://punctual.example.org/reports/7/" in text.get_content()
    assert "Sales <of> May" in text.get_content()
    assert 'href="https://punctual.example.org/reports/7/"' in html.get_content()
    assert "Sales &lt;of&gt; May" in html.get_content()
    assert "made &lt;this&gt; morning" in html.get_content()
    assert "And &lt;more&gt;" in html.get_content()
    assert 'style="' in html.get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ada.unsubscribe_path.split(":")[0] in mail["List-Unsubscribe"]


@pytest.mark.django_db
def test_a_digest_covers_what_came_since_the_last_one(smtp: SmtpServer, asked: Asked) -> None:
    ada = subscriber("ada")
    for _ in range(2):
        send.apply()
    (first_from, first_until), (second_from, second_until) = asked.spans
    assert first_until - first_from == DAY
    assert (second_from, second_until > second_from) == (first_until, True)
    ada.refresh_from_db()
    assert ada.covered_until == second_until


@pytest.mark.django_db
def test_only_those_of_the_cadence_get_one(smtp: SmtpServer, asked: Asked) -> None:
    subscriber("daily")
    subscriber("weekly", cadence="weekly")
    subscriber("off", enabled=False)
    User.objects.filter(pk=subscriber("gone").user.pk).update(is_active=False)
    send.apply(kwargs={"cadence": "daily"})
    assert smtp.recipients == ["daily@example.org"]
    send.apply(kwargs={"cadence": "weekly"})
    assert smtp.recipients == ["daily@example.org", "weekly@example.org"]


def test_an_unknown_cadence_is_an_error_that_says_what_to_write() -> None:
    with pytest.raises(ValueError, match="no cadence 'hourly'; use one of daily, weekly"):
        send("hourly")


@pytest.mark.django_db
def test_nothing_to_say_is_no_mail_and_is_recorded(smtp: SmtpServer, asked: Asked) -> None:
    asked.section = None
    subscriber("ada")
    assert send.apply().get() == {"nothing_to_say": 1}
    assert smtp.messages == []
    assert Subscriber.objects.get().covered_until is not None


@pytest.mark.django_db
def test_a_refused_address_stops_nobody_and_is_kept_in_the_servers_words(
    smtp: SmtpServer, asked: Asked
) -> None:
    smtp.refused = {"bob@example.org"}
    for name in ("ada", "bob", "cleo"):
        subscriber(name)
    User.objects.filter(pk=subscriber("dora").user.pk).update(email="")
    assert send.apply().get() == {"sent": 2, "refused": 2}
    assert smtp.recipients == ["ada@example.org", "cleo@example.org"]
    refused = Delivery.objects.get(subscriber__user__username="bob")
    assert refused.error == "550 5.1.1 No such person here"
    assert refused.subscriber.covered_until is None, "the next digest tells it again"


@pytest.mark.django_db
def test_what_was_refused_in_between_is_not_sent(smtp: SmtpServer, asked: Asked) -> None:
    subscriber("ada")
    make_deliveries("daily", NOW)
    waiting = Delivery.objects.get()
    Delivery.objects.update(state=DeliveryState.REFUSED)
    with Post() as post:
        assert deliver(waiting, post, SectionReader()) is None
    assert smtp.messages == []


@pytest.mark.django_db
def test_all_go_over_one_connection_and_the_sections_are_asked_for_once(
    smtp: SmtpServer, asked: Asked
) -> None:
    for number in range(20):
        subscriber(f"reader{number}")
    assert send.apply().get() == {"sent": 20}
    assert (smtp.connections, len(asked.spans)) == (1, 1)


@pytest.mark.django_db
def test_who_was_postponed_gets_it_at_the_next_try_and_nobody_twice(
    smtp: SmtpServer, asked: Asked
) -> None:
    smtp.greylisted = 1
    for name in ("ada", "bob"):
        subscriber(name)
    done = send.apply()
    assert done.state == "SUCCESS"
    assert sorted(smtp.recipients) == ["ada@example.org", "bob@example.org"]
    assert Run.objects.get(id=done.id).attempt == 2


@pytest.mark.django_db
def test_a_server_that_was_away_all_day_costs_no_news(smtp: SmtpServer, asked: Asked) -> None:
    subscriber("ada")
    smtp.stop()
    failed = send.apply()
    assert isinstance(failed.result, DigestsPostponedError)
    assert states() == {"ada": DeliveryState.WAITING}
    smtp.start()
    assert send.apply().get() == {"sent": 1}
    told = {delivery.state for delivery in Delivery.objects.all()}
    assert told == {DeliveryState.SENT, DeliveryState.SUPERSEDED}
    assert len(smtp.messages) == 1
    assert asked.spans[-1][0] <= asked.spans[0][1] - DAY + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_connection_that_breaks_is_opened_again_for_the_next_one(
    smtp: SmtpServer, asked: Asked
) -> None:
    for name in ("ada", "bob"):
        subscriber(name)
    make_deliveries("daily", NOW)
    first, second = Delivery.objects.order_by("pk")
    with Post() as post:
        assert deliver(first, post, SectionReader()) == DeliveryState.SENT
        smtp.stop()
        smtp.start()
        assert deliver(second, post, SectionReader()) == DeliveryState.WAITING
        assert deliver(second, post, SectionReader()) == DeliveryState.SENT


@pytest.mark.django_db
def test_making_deliveries_again_makes_none(asked: Asked) -> None:
    subscriber("ada")
    for _ in range(2):
        make_deliveries("daily", NOW)
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_a_subscriber_in_other_hands_is_left_until_the_lease_ends(
    smtp: SmtpServer, asked: Asked
) -> None:
    ada = subscriber("ada")
    lease = timedelta(seconds=longest_sending_seconds())
    assert claimed(ada.pk, NOW) is not None
    assert claimed(ada.pk, NOW + lease - timedelta(seconds=1)) is None
    assert claimed(ada.pk, NOW + lease) is not None


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_digest(smtp: SmtpServer, asked: Asked) -> None:
    subscriber("ada")
    make_deliveries("daily", NOW)
    waiting = Delivery.objects.get()
    start = Barrier(2)

    def work() -> DeliveryState | None:
        try:
            start.wait()
            with Post() as post:
                return deliver(waiting, post, SectionReader())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        ended = [worker.result() for worker in [workers.submit(work) for _ in range(2)]]
    assert set(ended) == {DeliveryState.SENT, None}
    assert len(smtp.messages) == 1


@pytest.mark.django_db
def test_a_broken_section_leaves_the_others_and_is_missed_in_words(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(since: datetime, until: datetime) -> Section | None:
        raise RuntimeError("the table is gone")

    use_sections(monkeypatch, broken, asked.make)
    subscriber("ada")
    send.apply()
    text = smtp.messages[0].get_body(("plain",))
    assert text is not None
    assert "broken broke" in text.get_content()
    assert "Sales <of> May" in text.get_content()
