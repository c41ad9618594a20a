"""Where people see and change their digests: sections, pages, admin, demo, retention."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from jobs.digests import registry
from jobs.digests.demo import load
from jobs.digests.models import Delivery, Subscriber
from jobs.digests.registry import Section
from jobs.digests.retention import old_deliveries
from tests.integration.test_digests import DAY, NOW, subscriber


def test_the_sections_of_every_installed_app_are_found() -> None:
    titles = [maker.title for maker in registry.section_makers()]
    assert titles == [
        "New reports",
        "Runs that failed",
        "Late and missed runs",
        "New feedback",
        "What is coming",
    ]


def test_sections_stand_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.section_makers()  # those of the installed apps register themselves once only
    monkeypatch.setattr(registry, "_makers", {})

    @registry.digest_section(order=20)
    def later(since: datetime, until: datetime) -> Section | None:
        return None

    @registry.personal_section(order=10, title="Yours")
    def sooner(asked: registry.Asked) -> Section | None:
        return None

    found = [(maker.title, maker.name.rpartition(".")[2]) for maker in registry.section_makers()]
    assert found == [("Yours", "sooner"), ("Later", "later")]


FILLED_IN = {"enabled": "on", "cadence": "weekly", "hour": "17", "weekday": "4"}
FILLED_IN |= {"zone": "Asia/Tokyo", "sections": "jobs.reports.digest_sections.new_reports"}


def test_a_person_subscribes_changes_and_leaves(viewer_client: Client) -> None:
    assert b"My subscription" in viewer_client.get("/digests/").content
    assert not Subscriber.objects.exists(), "looking is not subscribing"
    said = viewer_client.post("/digests/", FILLED_IN, follow=True).content.decode()
    assert "You get a digest every week on which there is news." in said
    assert "17:00 (Asia/Tokyo)" in said
    mine = Subscriber.objects.get()
    assert (mine.user.username, mine.enabled) == ("viewer", True)
    assert mine.rhythm == ("weekly", 17, 4, "Asia/Tokyo")
    assert "jobs.digests.digest_sections.failures" in mine.unwanted_sections
    assert "jobs.reports.digest_sections.new_reports" not in mine.unwanted_sections
    viewer_client.post("/digests/", {**FILLED_IN, "enabled": ""})
    mine.refresh_from_db()
    assert not mine.enabled


def test_new_feedback_is_offered_to_its_readers_and_what_they_chose_is_kept(
    admin_client: Client, viewer_client: Client
) -> None:
    feedback = "jobs.feedback.digest_sections.new_feedback"
    assert feedback in admin_client.get("/digests/").content.decode()
    assert feedback not in viewer_client.get("/digests/").content.decode()
    viewer = User.objects.get(username="viewer")
    for chosen in ([feedback], []):
        Subscriber.objects.update_or_create(user=viewer, defaults={"unwanted_sections": chosen})
        viewer_client.post("/digests/", FILLED_IN)
        unwanted = Subscriber.objects.get(user=viewer).unwanted_sections
        assert (feedback in unwanted) == bool(chosen)


def test_a_change_of_when_waits_for_the_next_instant_and_one_of_what_does_not(
    viewer_client: Client,
) -> None:
    viewer_client.post("/digests/", FILLED_IN)
    assert Subscriber.objects.get().due_after_at is not None
    Subscriber.objects.update(due_after_at=None)
    viewer_client.post("/digests/", {**FILLED_IN, "wants_empty": "on", "sections": []})
    assert Subscriber.objects.get().due_after_at is None
    viewer_client.post("/digests/", {**FILLED_IN, "hour": "9"})
    assert Subscriber.objects.get().due_after_at is not None


@pytest.mark.parametrize(
    ("name", "value"), [("zone", "Mars/Olympus"), ("hour", "24"), ("weekday", "7")]
)
def test_what_is_no_time_is_refused(viewer_client: Client, name: str, value: str) -> None:
    page = viewer_client.post("/digests/", {**FILLED_IN, name: value})
    assert b"Select a valid choice" in page.content
    assert not Subscriber.objects.exists()


def test_a_person_sees_their_own_digests_only(viewer_client: Client) -> None:
    theirs = subscriber("other")
    Delivery.objects.create(
        subscriber=theirs, covered_from=NOW - DAY, covered_until=NOW, error="their words"
    )
    mine = Subscriber.objects.create(user=User.objects.get(username="viewer"))
    Delivery.objects.create(
        subscriber=mine, covered_from=NOW - DAY, covered_until=NOW, error="my words"
    )
    page = viewer_client.get("/digests/").content
    assert b"my words" in page
    assert b"their words" not in page


def test_the_subscription_needs_a_login(stranger_client: Client) -> None:
    answer = stranger_client.get("/digests/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/digests/")


@pytest.mark.django_db
def test_a_mail_program_leaves_by_one_click_without_login_or_token() -> None:
    ada, bob = subscriber("ada"), subscriber("bob")
    client = Client(enforce_csrf_checks=True)
    assert client.get(ada.unsubscribe_path).status_code == 200
    ada.refresh_from_db()
    assert ada.enabled, "a scanner that follows links changes nothing"
    answer = client.post(ada.unsubscribe_path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    ada.refresh_from_db()
    bob.refresh_from_db()
    assert (ada.enabled, bob.enabled) == (False, True)


@pytest.mark.django_db
def test_a_link_that_was_tampered_with_is_no_page() -> None:
    ada, bob = subscriber("ada"), subscriber("bob")
    signature = ada.unsubscribe_path.rstrip("/").rpartition(":")[2]
    forged = bob.unsubscribe_path.rstrip("/").rpartition(":")[0]
    for token in (f"{forged}:{signature}/", "/digests/unsubscribe/x/"):
        assert Client().post(token).status_code == 404
    bob.refresh_from_db()
    assert bob.enabled


def test_staff_sees_deliveries_and_changes_none(
    admin_client: Client, viewer_client: Client
) -> None:
    ada = subscriber("ada")
    sent = Delivery.objects.create(subscriber=ada, covered_from=NOW - DAY, covered_until=NOW)
    for page in (f"delivery/{sent.pk}/change/", f"subscriber/{ada.pk}/change/", "delivery/"):
        assert admin_client.get(f"/admin/digests/{page}").status_code == 200
        assert viewer_client.get(f"/admin/digests/{page}").status_code == 302
    answer = admin_client.post(f"/admin/digests/delivery/{sent.pk}/change/", {"state": "sent"})
    assert answer.status_code == 403


def test_the_demo_subscribes_the_first_admin_once(people: Any) -> None:
    assert load() == load() == "Digests: admin gets the daily digest."
    assert Subscriber.objects.get().user == people.admin


@pytest.mark.django_db
def test_the_demo_without_an_admin_subscribes_nobody() -> None:
    assert "no admin yet" in load()
    assert not Subscriber.objects.exists()


@pytest.mark.django_db
def test_retention_deletes_old_records_of_digests(settings: Settings) -> None:
    age = timedelta(days=settings.RUN_RETENTION_DAYS)
    ada = subscriber("ada")
    for until in (NOW - age, NOW - age - timedelta(seconds=1)):
        Delivery.objects.create(subscriber=ada, covered_from=until - DAY, covered_until=until)
    assert old_deliveries(NOW, 10, False).count == 1
    assert Delivery.objects.get().covered_until == NOW - age
