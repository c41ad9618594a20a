"""Subscribing to a report in one click, the choices, and the ways out."""

from datetime import time

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from jobs.reports.delivery.reading import subscription_panel
from jobs.reports.delivery.tasks import deliver
from jobs.reports.delivery.tokens import token_of
from jobs.reports.models import Report, Subscription
from tests.integration.mailed_reports import a_report, a_version, outside, planned, subscribed
from tests.people import client_of, person
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    """Return a reader."""
    return person("ada", is_staff=False)


@pytest.fixture
def report() -> Report:
    """Return a report that has a version."""
    return a_version().report


def test_one_click_subscribes_and_one_ends_it(ada: User, report: Report) -> None:
    browser = client_of(ada)
    for _ in range(2):
        answer = browser.post(f"/reports/{report.pk}/subscribe/")
        assert answer["Location"] == report.get_absolute_url()
    assert Subscription.objects.get(user=ada).enabled
    assert subscription_panel(ada, report)["words"] == "By mail as soon as it is made."
    assert report.title.replace("&", "&amp;") in browser.get("/reports/subscriptions/").text
    browser.post(f"/reports/{report.pk}/unsubscribe/")
    assert not Subscription.objects.get(user=ada).enabled
    assert "You get no report by mail" in browser.get("/reports/subscriptions/").text


def test_the_choices_of_a_subscriber_are_kept_and_come_back(ada: User, report: Report) -> None:
    browser, page = client_of(ada), f"/reports/{report.pk}/subscription/"
    chosen = {
        "attached_formats": ["pdf", "csv"], "send_at": "07:30", "zone": "Asia/Tokyo",
        "only_if_not_empty": "on", "about": "figure:Orders", "comparison": "above", "value": "5",
    }  # fmt: skip
    assert browser.post(page, chosen).status_code == 302
    kept = Subscription.objects.get(user=ada)
    assert (kept.send_at, kept.zone) == (time(7, 30), "Asia/Tokyo")
    assert kept.condition == {"figure": "Orders", "is": "above", "value": 5.0}
    assert subscription_panel(ada, report)["words"] == (
        "By mail at 07:30 (Asia/Tokyo), with PDF and CSV, "
        'only when it is not empty and when "Orders" is above 5.'
    )
    form = browser.get(page).text
    assert 'value="07:30"' in form
    assert '<option value="Asia/Tokyo" selected>' in form


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"about": "rows", "value": ""}, "Write the number that it is compared with."),
        ({"zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"attached_formats": ["exe"]}, "Select a valid choice."),
        ({"about": "figure:Other"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    ada: User, report: Report, change: dict[str, object], words: str
) -> None:
    chosen = {"zone": "UTC", "about": "", "comparison": "above", "value": "1"} | change
    answer = client_of(ada).post(f"/reports/{report.pk}/subscription/", chosen)
    assert words in answer.text
    assert not Subscription.objects.exists()


def test_nobody_subscribes_to_what_they_may_not_read(ada: User, report: Report) -> None:
    report.groups.add(Group.objects.create(name="Readers"))
    browser = client_of(ada)
    for page in ("subscribe", "subscription"):
        assert browser.post(f"/reports/{report.pk}/{page}/", {}).status_code == 404
    assert not Subscription.objects.exists()


def test_a_mail_program_unsubscribes_by_one_post_and_a_look_at_the_link_changes_nothing(
    smtp: SmtpServer, settings: Settings
) -> None:
    subscribed("ada")
    outside(1)
    planned()
    deliver.apply()
    strict = Client(enforce_csrf_checks=True)
    for mail in smtp.messages:
        path = mail["List-Unsubscribe"].strip("<>").removeprefix(settings.SITE_URL)
        assert "Unsubscribe?" in strict.get(path).text
        assert Subscription.objects.filter(enabled=True).exists()
        answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
    assert not Subscription.objects.filter(enabled=True).exists()
    planned()
    assert deliver.apply().get() == {}


def test_a_forged_or_foreign_link_unsubscribes_nobody() -> None:
    subscribed("ada", "bob")
    first, second = Subscription.objects.all()
    token = token_of(first.pk)
    forged = [token_of(second.pk)[:12] + token[12:], token[:-1] + "!", "x" * 32, "é" * 32, "short"]
    for one in [*forged, token_of(second.pk + 9)]:
        assert Client().post(f"/reports/unsubscribe/{one}/").status_code == 404
    assert Subscription.objects.filter(enabled=True).count() == 2


def test_an_account_without_an_address_is_told_so_and_gets_nothing(
    smtp: SmtpServer, ada: User
) -> None:
    User.objects.update(email="")
    ada.refresh_from_db()
    Subscription.objects.create(report=a_report(), user=ada)
    planned()
    assert deliver.apply().get() == {}
    assert not subscription_panel(ada, a_report())["has_address"]
    assert "has no e-mail address" in client_of(ada).get("/reports/subscriptions/").text
