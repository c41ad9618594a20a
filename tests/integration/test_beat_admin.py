"""The admin shows what beat makes of a schedule, and edits policies and calendars."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from beat.models import Calendar, Policy, Timer
from beat.reconcile.reconciling import reconcile
from tests.integration.editor_page import post, saves, words_of

pytestmark = pytest.mark.django_db

LIST = "admin:django_celery_beat_periodictask_changelist"


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule whose timer beat has computed."""
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    schedule = PeriodicTask.objects.create(
        name="Hourly", task="reports.make", kwargs='{"report": "run-history"}', interval=every_hour
    )
    set_timer(schedule, due_at=timezone.now() + timedelta(hours=1))
    return schedule


def set_timer(schedule: PeriodicTask, **values: Any) -> None:
    """Write the schedule's timer as reconcile does."""
    Timer.objects.update_or_create(schedule=schedule, defaults={"is_stale": False, **values})


def address(schedule: PeriodicTask) -> str:
    """Return the address of the schedule's page."""
    return reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])


def test_list_and_page_show_when_a_schedule_is_due_next(
    admin_client: Client, schedule: PeriodicTask, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    set_timer(schedule, due_at=datetime(2026, 7, 1, 12, 30, 5, 123456, tzinfo=UTC))
    for page in (reverse(LIST), address(schedule)):
        html = admin_client.get(page).content.decode()
        assert "2026-07-01 14:30:05" in html
        assert "+00:00" not in html


def test_list_and_page_say_that_nothing_is_due(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    set_timer(schedule, due_at=None)
    for page in (reverse(LIST), address(schedule)):
        html = admin_client.get(page).content.decode()
        assert "not due" in html
        assert ">None<" not in html


def test_an_edit_that_beat_has_not_read_yet_shows_no_outdated_instant(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    set_timer(schedule, is_stale=True)
    assert "being worked out" in admin_client.get(reverse(LIST)).content.decode()


def test_list_page_and_filter_show_what_was_set_aside_and_why(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    set_timer(schedule, set_aside_reason="broken_rule", set_aside_text="Hour 25 is no hour.")
    for page in (reverse(LIST), f"{reverse(LIST)}?state=set-aside", address(schedule)):
        assert "Hour 25 is no hour." in admin_client.get(page).content.decode()
    assert "Hour 25" not in admin_client.get(f"{reverse(LIST)}?state=on").content.decode()


def test_the_list_does_not_warn_of_our_own_scheduler(
    admin_client: Client, schedule: PeriodicTask, settings: Any
) -> None:
    settings.CELERY_BEAT_SCHEDULER = "beat.scheduler:PunctualScheduler"
    page = admin_client.get(reverse(LIST)).content.decode()
    assert "CELERY_BEAT_SCHEDULER" not in page


def test_the_form_of_a_policy_says_in_words_what_the_clocks_changes_do(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    page = admin_client.get(address(schedule)).content.decode()
    assert "Do not run on this day" in page
    assert "Run both times" in page


def test_who_may_only_view_sees_the_policy(
    people: Any, viewer_client: Client, schedule: PeriodicTask
) -> None:
    Policy.objects.create(schedule=schedule, pause_reason="Holidays")
    people.viewer.is_staff = True
    people.viewer.save()
    wanted = ("view_periodictask", "view_policy")
    people.viewer.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    assert "Holidays" in viewer_client.get(address(schedule)).content.decode()


def test_a_schedules_page_saves_its_policy(admin_client: Client, schedule: PeriodicTask) -> None:
    saves(admin_client, schedule, policy__overlap="queue_all")
    assert Policy.objects.get(schedule=schedule).overlap == "queue_all"


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            {"policy__soft_time_limit_seconds": "9", "policy__time_limit_seconds": "5"},
            "write less than 5",
        ),
        ({"policy__max_attempts": "0"}, "Write 1 for a single attempt"),
    ],
)
def test_a_policy_that_would_have_no_effect_is_refused(
    admin_client: Client, schedule: PeriodicTask, policy: dict[str, Any], words: str
) -> None:
    assert words in words_of(post(admin_client, schedule, **policy))
    assert not Policy.objects.exists()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", ""])
@pytest.mark.parametrize("page", ["periodictask_changelist", "crontabschedule_changelist"])
def test_an_unknown_time_zone_that_sql_has_written_keeps_no_list_from_being_shown(
    admin_client: Client, zone: str, page: str
) -> None:
    schedule_by_crontab_in(zone)
    answer = admin_client.get(reverse(f"admin:django_celery_beat_{page}"))
    assert answer.status_code == 200
    assert zone in answer.content.decode()


def test_the_page_of_a_schedule_in_an_unknown_time_zone_shows_why_it_is_set_aside(
    admin_client: Client,
) -> None:
    schedule = schedule_by_crontab_in("Mars/Olympus")
    reconcile(timezone.now())
    page = admin_client.get(address(schedule)).content.decode()
    assert "There is no time zone &#x27;Mars/Olympus&#x27;" in page
    crontab = reverse("admin:django_celery_beat_crontabschedule_change", args=[schedule.crontab_id])
    assert admin_client.get(crontab).status_code == 200


def schedule_by_crontab_in(zone: str) -> PeriodicTask:
    """Return a schedule whose crontab's zone was written past all checks."""
    nightly = CrontabSchedule.objects.create(minute="0", hour="3")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_celery_beat_crontabschedule SET timezone = %s", [zone])
    return PeriodicTask.objects.create(name="Nightly", task="reports.make", crontab=nightly)


def test_a_calendar_in_an_unknown_time_zone_can_be_corrected(
    admin_client: Client,
) -> None:
    closed = Calendar.objects.create(name="Closed")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE beat_calendar SET timezone = 'Mars/Olympus'")
    assert admin_client.get(reverse("admin:beat_calendar_changelist")).status_code == 200
    change = reverse("admin:beat_calendar_change", args=[closed.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, calendar_form(timezone="UTC")).status_code == 302
    closed.refresh_from_db()
    assert str(closed.timezone) == "UTC"


def calendar_form(**values: Any) -> dict[str, Any]:
    """Return what a browser posts for a calendar with one entry."""
    return {
        "name": "Closed",
        "timezone": "Europe/Berlin",
        "entries-TOTAL_FORMS": 1,
        "entries-INITIAL_FORMS": 0,
        "entries-0-month": 12,
        "entries-0-day": 24,
        **values,
    }


def test_a_calendar_is_saved_with_its_entries(admin_client: Client) -> None:
    answer = admin_client.post(reverse("admin:beat_calendar_add"), calendar_form(country="DE"))
    assert answer.status_code == 302
    [entry] = Calendar.objects.get().entries.all()
    assert (entry.month, entry.day) == (12, 24)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"country": "XX"}, "The holidays of country &#x27;XX&#x27; are unknown"),
        ({"country": "Germany"}, "write a code such as DE (Germany)"),
        ({"country": "DE", "subdivision": "Brandenburg"}, "such as BB (Brandenburg)"),
        ({"subdivision": "BE"}, "has no country"),
        ({"entries-0-month": 2, "entries-0-day": 31}, "The month has 29 days"),
        ({"entries-0-month": 2, "entries-0-day": 29, "entries-0-year": 2027}, "has 28 days"),
        ({"entries-0-month": 4, "entries-0-day": 31}, "The month has 30 days"),
        ({"entries-0-starts_at_time": "08:00"}, "Write both ends of the window"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(
    admin_client: Client, values: dict[str, Any], words: str
) -> None:
    page = admin_client.post(reverse("admin:beat_calendar_add"), calendar_form(**values))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not Calendar.objects.exists()
