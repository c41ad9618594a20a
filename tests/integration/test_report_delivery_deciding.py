"""Held and doubtful mails: the owner is told, people decide, and who may not is refused."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from jobs.reports.delivery.planning import plan_deliveries
from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import DeliveryGate, DeliveryState, Hold, Report, ReportDelivery, Version
from tests.integration.mailed_reports import (
    DAY,
    DUE,
    HOSTILE,
    a_report,
    a_version,
    states,
    subscribed,
)
from tests.people import client_of, person
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


@pytest.fixture
def owner() -> User:
    """Return the owner of a report that a gate holds when it is empty."""
    made = person("owner", is_staff=False)
    report = a_report()
    Report.objects.filter(pk=report.pk).update(owner=made)
    DeliveryGate.objects.create(report=report, figure="Orders", far_percent=50)
    return made


def held() -> Version:
    """Return an empty version, whose mails are held."""
    version = a_version(row_count=0)
    assert plan_deliveries(version, timezone.now()) == 0
    return version


def address(version: Version) -> str:
    return f"{version.get_absolute_url()}hold/"


def test_the_owner_is_told_once_and_releases_the_mails_in_one_click(
    smtp: SmtpServer, owner: User
) -> None:
    subscribed("ada")
    version = held()
    for _ in range(2):
        assert deliver.apply().get() == {}
    [told] = smtp.messages
    assert told["To"] == "owner@example.org"
    text = told.get_body(("plain",))
    assert text is not None
    assert "It is empty." in text.get_content()
    assert address(version) in text.get_content()
    browser = client_of(owner)
    assert "It is empty." in browser.get(address(version)).text
    assert browser.post(address(version), {"what": "release"}).status_code == 302
    assert deliver.apply().get() == {"sent": 1}
    hold = Hold.objects.get()
    assert (hold.ended_by, hold.released_at is not None) == (owner, True)


def test_what_is_hostile_is_text_in_the_mail_to_the_owner(smtp: SmtpServer, owner: User) -> None:
    version = held()
    Report.objects.filter(pk=version.report_id).update(title=f"Sales {HOSTILE}")
    Hold.objects.update(reason=f"{HOSTILE} is empty.")
    deliver.apply()
    html = smtp.messages[0].get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert html.get_content().count("&lt;script&gt;") >= 3


def test_dropped_mails_are_never_sent_and_a_decision_is_made_once(
    smtp: SmtpServer, owner: User
) -> None:
    subscribed("ada")
    version = held()
    browser = client_of(owner)
    browser.post(address(version), {"what": "drop"})
    answer = browser.post(address(version), {"what": "release"}, follow=True)
    assert "Somebody has decided before." in answer.text
    deliver.apply()
    assert (smtp.messages, states()) == ([], {})
    assert "Dropped" in browser.get(address(version)).text


def test_a_figure_far_from_the_same_weekday_holds_and_a_usual_one_does_not(owner: User) -> None:
    subscribed("ada")
    for weeks in (4, 3, 2, 1):
        a_version(due_at=DUE - WEEK * weeks, measures={"Orders": 100})
        a_version(due_at=DUE - WEEK * weeks + DAY, measures={"Orders": 1})
    usual = a_version(due_at=DUE, measures={"Orders": 120})
    assert plan_deliveries(usual, timezone.now()) == 1
    far = a_version(due_at=DUE, measures={"Orders": 20})
    assert plan_deliveries(far, timezone.now()) == 0
    assert "the median of 4 earlier Saturdays is 100" in Hold.objects.get().reason


def test_only_the_owner_and_who_has_the_permission_decide(owner: User) -> None:
    version = held()
    releaser = person("releaser")
    permission = Permission.objects.get(codename="release_report")
    releaser.user_permissions.add(permission)
    stranger = client_of(person("stranger", is_staff=False))
    assert stranger.get(address(version)).status_code == 403
    assert stranger.post(address(version), {"what": "release"}).status_code == 403
    assert client_of(None).post(address(version)).status_code == 302
    assert Hold.objects.get().released_at is None
    assert client_of(releaser).get(address(version)).status_code == 200


def in_doubt(name: str = "ada") -> ReportDelivery:
    """Return a doubtful delivery to somebody."""
    subscribed(name)
    plan_deliveries(a_version(), timezone.now())
    ReportDelivery.objects.update(state=DeliveryState.DOUBTFUL, error="Its sender died.")
    return ReportDelivery.objects.get()


def test_a_doubtful_mail_is_sent_again_when_a_person_says_so(smtp: SmtpServer, owner: User) -> None:
    delivery = in_doubt()
    browser = client_of(owner)
    assert "ada@example.org" in browser.get("/reports/doubtful/").text
    for _ in range(2):
        browser.post("/reports/doubtful/", {"delivery": delivery.pk, "what": "again"})
    deliver.apply()
    assert smtp.recipients == ["ada@example.org"]
    assert states() == {"ada": "sent"}


def test_a_doubtful_mail_that_arrived_is_cleared_up(smtp: SmtpServer, owner: User) -> None:
    delivery = in_doubt()
    client_of(owner).post("/reports/doubtful/", {"delivery": delivery.pk, "what": "arrived"})
    deliver.apply()
    delivery.refresh_from_db()
    assert (delivery.state, smtp.messages) == (DeliveryState.SENT, [])
    assert delivery.error == "owner said that it arrived."


def test_who_is_not_asked_sees_and_changes_no_doubtful_mail(owner: User) -> None:
    delivery = in_doubt()
    browser = client_of(person("stranger", is_staff=False))
    assert "ada@example.org" not in browser.get("/reports/doubtful/").text
    browser.post("/reports/doubtful/", {"delivery": delivery.pk, "what": "again"})
    assert states() == {"ada": "doubtful"}


def test_a_doubtful_mail_without_a_decision_stays_in_doubt(owner: User) -> None:
    delivery = in_doubt()
    for choice in ({}, {"what": ""}, {"what": "burn"}):
        answer = client_of(owner).post(
            "/reports/doubtful/", {"delivery": delivery.pk} | choice, follow=True
        )
        assert "Choose to send it again, or say that it arrived." in answer.text
        assert states() == {"ada": "doubtful"}
