"""Before an edit is saved the page shows what it changes, and asks where that may be a mistake."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.models import Calendar, CalendarEntry, Policy, Timer
from beat.reconcile.reconciling import reconcile
from tests.integration.editor_page import form_of, post, saves, words_of

pytestmark = pytest.mark.django_db

PREVIEW = "admin:beat_schedule_preview"


@pytest.fixture
def schedule(admin_client: Client) -> PeriodicTask:
    """Return a schedule that is due every day at nine, UTC."""
    return saves(admin_client, name="Daily", task="cleanup.run", when__line="0 9 * * *")


def preview(client: Client, schedule: PeriodicTask | None = None, **changes: Any) -> str:
    """Return what the page shows while somebody types these changes; nothing is saved."""
    values = form_of(client, schedule)
    values |= {name.replace("__", "-"): value for name, value in changes.items()}
    query = f"?schedule={schedule.pk}" if schedule else ""
    answer = client.post(reverse(PREVIEW) + query, values)
    assert answer.status_code == 200
    return words_of(answer)


def test_an_unsaved_line_shows_its_words_and_its_next_ten_times(admin_client: Client) -> None:
    shown = preview(admin_client, when__line="30 2 29 2 *", when__timezone="Europe/Berlin")
    assert "At 02:30 on the 29th of February" in shown
    assert shown.count("<tr") - 1 == 10
    assert "02:30</time>" in shown
    assert "01:30</time>" in shown


def test_the_browsers_clock_has_a_column_of_its_own(admin_client: Client) -> None:
    shown = preview(admin_client, when__line="0 12 * * *", browser_zone="Asia/Tokyo")
    assert "Asia/Tokyo (you)" in shown
    assert "21:00</time>" in shown
    assert "Nowhere" not in preview(admin_client, when__line="@daily", browser_zone="Nowhere")


def test_a_wrong_line_says_in_words_what_is_wrong(admin_client: Client) -> None:
    shown = preview(admin_client, when__line="0 25 * * *")
    assert "The hour '25' is outside 0 to 23." in shown
    assert "<table" not in shown


def test_a_pasted_crontab_line_offers_its_times(admin_client: Client) -> None:
    shown = preview(admin_client, when__line="0 5 * * 1 /usr/bin/backup --all")
    assert "A schedule runs a task instead" in shown
    assert 'data-line="0 5 * * 1"' in shown


def test_a_calendars_days_are_marked_with_why(admin_client: Client) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    closed = Calendar.objects.create(name="Closed")
    CalendarEntry.objects.create(
        calendar=closed, month=tomorrow.month, day=tomorrow.day, name="Stocktaking"
    )
    shown = preview(admin_client, when__line="@daily", policy__calendar=closed.pk)
    assert "Not due by its calendar: Stocktaking." in shown
    assert "skipped" in shown


def test_a_pause_is_marked_with_its_reason(admin_client: Client, schedule: PeriodicTask) -> None:
    Policy.objects.create(schedule=schedule, is_paused=True, pause_reason="Moving house")
    assert "Paused: Moving house." in preview(admin_client, schedule)


def test_a_change_of_the_clock_is_marked(admin_client: Client) -> None:
    shown = preview(
        admin_client,
        when__line="30 2 * * *",
        when__timezone="Europe/Berlin",
        start_time="2050-03-26T00:00",
    )
    assert "Its time does not exist on this day" in shown
    shown = preview(
        admin_client,
        when__line="30 2 * * *",
        when__timezone="Europe/Berlin",
        start_time="2050-03-26T00:00",
        policy__in_gap="skip",
    )
    assert "its policy skips it" in shown


def test_a_preview_saves_nothing(admin_client: Client, schedule: PeriodicTask) -> None:
    version = form_of(admin_client, schedule)["version"]
    preview(admin_client, schedule, when__line="* * * * *", name="Other")
    assert form_of(admin_client, schedule)["version"] == version


def test_an_interval_keeps_its_instants_until_its_length_is_changed(admin_client: Client) -> None:
    often = {"when__kind": "interval", "when__every": "50", "when__period": "minutes"}
    schedule = saves(admin_client, name="Often", task="cleanup.run", **often)
    reconcile(timezone.now() - timedelta(minutes=20))
    due_at = f"{Timer.objects.get().due_at:%Y-%m-%dT%H:%M:%SZ}"
    assert due_at in preview(admin_client, schedule, description="Changed")
    shown = preview(admin_client, schedule, when__every="55")
    assert due_at not in shown
    assert "Counted from the moment at which you save it." in shown


def test_the_page_tells_what_an_edit_adds_and_drops(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    shown = preview(admin_client, schedule, when__line="0 9,21 * * *")
    assert "In the next 30 days this adds 30 runs (on " in shown
    shown = preview(admin_client, schedule, when__line="0 9 1-30 * *")
    assert "drops 1 run (on" in shown or "same times as before" in shown


def test_more_than_ten_times_as_often_asks_first(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    answer = post(admin_client, schedule, when__line="0 * * * *")
    assert "It would run 24 times as often as before." in words_of(answer)
    schedule.refresh_from_db()
    assert schedule.crontab.hour == "9"


def test_what_was_confirmed_is_saved_and_nothing_else(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    asked = post(admin_client, schedule, when__line="0 * * * *")
    confirmed = words_of(asked).split('name="confirmed" value="')[1].split('"')[0]
    other = post(admin_client, schedule, when__line="* * * * *", confirmed=confirmed)
    assert "times as often" in words_of(other)
    assert post(admin_client, schedule, when__line="0 * * * *", confirmed=confirmed)
    schedule.refresh_from_db()
    assert schedule.crontab.hour == "*"


def test_ten_times_as_often_does_not_ask(admin_client: Client, schedule: PeriodicTask) -> None:
    saves(admin_client, schedule, when__line="0 0-9 * * *")


def test_a_rare_schedule_is_compared_within_a_year(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    saves(admin_client, schedule, when__line="0 9 1 1 *")
    assert "times as often" in words_of(post(admin_client, schedule, when__line="0 9 1,15 * *"))


def test_an_edit_after_which_it_never_runs_again_asks_first(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    never = Calendar.objects.create(name="Never", allows=True)
    answer = post(admin_client, schedule, policy__calendar=never.pk)
    assert "It would never run again." in words_of(answer)
    answer = post(admin_client, schedule, one_off="on")
    assert "run once more and then never again" in words_of(answer)


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    opened = form_of(admin_client, schedule)
    saves(admin_client, schedule, description="The first one's")
    second = {**opened, "description": "The second one's"}
    address = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    answer = admin_client.post(address, second)
    assert "Somebody has changed this schedule since you opened this page." in words_of(answer)
    assert "The second one's" in words_of(answer)
    schedule.refresh_from_db()
    assert schedule.description == "The first one's"


@pytest.mark.parametrize("way", ["schedule", "policy"])
def test_an_edit_by_another_way_is_noticed_too(
    admin_client: Client, schedule: PeriodicTask, way: str
) -> None:
    opened = form_of(admin_client, schedule)
    if way == "schedule":
        PeriodicTask.objects.update(priority=3)
    else:
        Policy.objects.create(schedule=schedule, jitter_seconds=60)
    address = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    assert "Somebody has changed" in words_of(admin_client.post(address, opened))


def test_what_beat_counts_meanwhile_is_neither_a_conflict_nor_overwritten(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    opened = form_of(admin_client, schedule)
    ran_at = datetime(2030, 1, 1, tzinfo=UTC)
    PeriodicTask.objects.update(total_run_count=7, last_run_at=ran_at)
    address = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    assert admin_client.post(address, opened).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.total_run_count, schedule.last_run_at) == (7, ran_at)


def test_saving_is_written_into_the_trail_with_why(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    saves(admin_client, schedule, when__line="0 10 * * *", why="Nine is too early")
    entry = LogEntry.objects.filter(object_id=schedule.pk).order_by("-id").first()
    assert entry.additional_data["why"] == "Nine is too early"
    assert "0 10 * * *" in str(entry.changes)
    page = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    assert "Nine is too early" in words_of(admin_client.get(page))
