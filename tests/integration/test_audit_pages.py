"""What was done is read on the schedule's history, and in the list of everything."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.access.asker import Asker
from beat.audit.recording import audited, record, snapshot
from beat.audit.trail import ENTRIES_SHOWN
from beat.models import Calendar, CodeSchedule, Policy, ScheduleDetails, Source, Tag
from tests.people import client_of, person

pytestmark = pytest.mark.django_db

ASKER = Asker(None, "ada", "command line", "build-7")
ALL = "admin:auditlog_logentry_changelist"


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that runs every hour."""
    hourly = IntervalSchedule.objects.create(every=1, period="hours")
    return PeriodicTask.objects.create(name="Hourly", task="reports.make", interval=hourly)


@pytest.fixture
def viewer() -> Client:
    """Return the browser of a viewer."""
    return client_of(person("viewer", "Viewer"))


@pytest.fixture
def editor() -> Client:
    """Return the browser of an editor."""
    return client_of(person("editor", "Editor"))


def history(schedule_id: int, query: str = "") -> str:
    """Return the address of a schedule's history."""
    address = reverse("admin:django_celery_beat_periodictask_history", args=[schedule_id])
    return f"{address}{query}"


def rename(schedule: PeriodicTask, name: str, why: str = "") -> None:
    """Rename a schedule, and have it recorded."""
    with audited(ASKER, "edit", [schedule.pk], why):
        PeriodicTask.objects.filter(pk=schedule.pk).update(name=name)


def test_the_history_says_who_did_what_from_where_why_and_the_difference(
    viewer: Client, schedule: PeriodicTask
) -> None:
    rename(schedule, "Every hour", "nobody understood it")
    page = viewer.get(history(schedule.pk)).content.decode()
    for words in ("ada", "edit", "from command line at build-7", "nobody understood it"):
        assert words in page
    assert '<span class="trail-hidden">was: </span>Hourly' in page
    assert '<span class="trail-hidden">is now: </span>Every hour' in page


def test_the_history_shows_the_newest_and_leads_to_the_older(
    viewer: Client, schedule: PeriodicTask
) -> None:
    for number in range(ENTRIES_SHOWN + 3):
        rename(schedule, f"Name {number}")
    oldest_shown = LogEntry.objects.order_by("-pk")[ENTRIES_SHOWN - 1]
    page = viewer.get(history(schedule.pk)).content.decode()
    assert page.count('class="trail-entry"') == ENTRIES_SHOWN
    older = history(schedule.pk, f"?older_than={oldest_shown.pk}")
    assert older in page
    assert viewer.get(older).content.decode().count('class="trail-entry"') == 3


@pytest.mark.parametrize("position", ["x", "-1", "9" * 30, "٣"])
def test_a_position_that_is_none_shows_the_newest(
    viewer: Client, schedule: PeriodicTask, position: str
) -> None:
    rename(schedule, "Every hour")
    page = viewer.get(history(schedule.pk, f"?older_than={position}")).content.decode()
    assert page.count('class="trail-entry"') == 1


def test_the_history_of_a_deleted_schedule_stays(viewer: Client, schedule: PeriodicTask) -> None:
    id_, before = schedule.pk, snapshot([schedule.pk])
    schedule.delete()
    record(ASKER, "delete", before, {}, "not needed any more")
    page = viewer.get(history(id_)).content.decode()
    assert "It does not exist any more" in page
    assert "not needed any more" in page


def test_what_people_write_is_text_and_no_html(viewer: Client, schedule: PeriodicTask) -> None:
    rename(schedule, "<b>bold</b>", "<i>why</i>")
    for address in (history(schedule.pk), reverse(ALL)):
        page = viewer.get(address).content.decode()
        assert "<b>bold" not in page
        assert "<i>why" not in page


def test_the_trail_of_everything_is_listed_searched_and_filtered(
    viewer: Client, schedule: PeriodicTask
) -> None:
    rename(schedule, "Every hour")
    with audited(Asker(None, "beat", "beat"), "set aside", [schedule.pk], always=True):
        pass
    both = viewer.get(reverse(ALL)).content.decode()
    assert "set aside" in both and ">edit<" in both
    assert "What was done" in both and "Entries of the trail" in both
    # Nothing can be done to entries, so that nothing asks to select one.
    assert "action-toggle" not in both
    one = viewer.get(reverse(ALL), {"origin": "beat"}).content.decode()
    assert "set aside" in one and ">edit<" not in one
    assert "0 found" in viewer.get(reverse(ALL), {"q": "elsewhere"}).content.decode()


def test_nobody_adds_to_the_trail_changes_or_deletes_it(schedule: PeriodicTask) -> None:
    rename(schedule, "Every hour")
    [entry] = LogEntry.objects.all()
    root = client_of(User.objects.create_superuser("root"))
    change = reverse("admin:auditlog_logentry_change", args=[entry.pk])
    assert root.get(change).status_code == 200
    assert root.post(change, {"object_repr": "X"}).status_code == 403
    assert root.post(reverse("admin:auditlog_logentry_add")).status_code == 403
    delete = reverse("admin:auditlog_logentry_delete", args=[entry.pk])
    assert root.post(delete, {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    root.post(reverse(ALL), bulk)
    assert LogEntry.objects.filter(pk=entry.pk, object_repr="Every hour").exists()


def test_a_person_who_is_deleted_stays_named(viewer: Client, schedule: PeriodicTask) -> None:
    former = person("former", "Editor")
    with audited(Asker(former.pk, "former", "admin"), "edit", [schedule.pk], always=True):
        pass
    former.delete()
    assert "former" in viewer.get(history(schedule.pk)).content.decode()


def test_editing_a_calendar_is_recorded_with_its_days_and_with_each_schedule(
    editor: Client, schedule: PeriodicTask
) -> None:
    closed = Calendar.objects.create(name="Closed")
    Policy.objects.create(schedule=schedule, calendar=closed)
    values = {
        "name": "Closed",
        "timezone": "UTC",
        "entries-TOTAL_FORMS": 1,
        "entries-INITIAL_FORMS": 0,
        "entries-0-month": 12,
        "entries-0-day": 24,
        "entries-0-name": "Christmas Eve",
    }
    address = reverse("admin:beat_calendar_change", args=[closed.pk])
    assert editor.post(address, values).status_code == 302
    by_model = {entry.content_type.model: entry for entry in LogEntry.objects.all()}
    days = ["", "every year 12-24 (Christmas Eve)"]
    assert by_model["calendar"].changes == {"days": days}
    assert by_model["periodictask"].additional_data["action"] == "edit of its calendar"
    assert (
        "Christmas Eve"
        in editor.get(reverse("admin:beat_calendar_history", args=[closed.pk])).content.decode()
    )


def test_saving_a_calendar_as_it_was_is_no_change(editor: Client, schedule: PeriodicTask) -> None:
    closed = Calendar.objects.create(name="Closed")
    Policy.objects.create(schedule=schedule, calendar=closed)
    values = {
        "name": "Closed",
        "timezone": "UTC",
        "entries-TOTAL_FORMS": 0,
        "entries-INITIAL_FORMS": 0,
    }
    editor.post(reverse("admin:beat_calendar_change", args=[closed.pk]), values)
    assert not LogEntry.objects.exists()


def test_renaming_and_deleting_a_tag_is_recorded_with_each_schedule(
    editor: Client, schedule: PeriodicTask
) -> None:
    tag = Tag.objects.create(name="night")
    ScheduleDetails.objects.create(schedule=schedule).tags.add(tag)
    editor.post(reverse("admin:beat_tag_change", args=[tag.pk]), {"name": "nightly"})
    editor.post(reverse("admin:beat_tag_delete", args=[tag.pk]), {"post": "yes"})
    renamed, deleted = LogEntry.objects.order_by("pk")
    assert renamed.changes == {"tags": ["night", "nightly"]}
    assert deleted.changes == {"tags": ["nightly", ""]}
    assert deleted.action == LogEntry.Action.UPDATE


def test_a_tag_of_a_schedule_that_a_file_has_stays_as_it_is(
    editor: Client, schedule: PeriodicTask
) -> None:
    tag = Tag.objects.create(name="night")
    ScheduleDetails.objects.create(schedule=schedule).tags.add(tag)
    CodeSchedule.objects.create(schedule=schedule, source=Source.FILE, key="hourly")
    change = reverse("admin:beat_tag_change", args=[tag.pk])
    assert "You cannot change it here" in editor.get(change).content.decode()
    assert editor.post(change, {"name": "nightly"}).status_code == 403
    assert editor.post(reverse("admin:beat_tag_delete", args=[tag.pk])).status_code == 403
    assert Tag.objects.get().name == "night"


def test_the_history_says_whose_it_is_and_leads_back(
    viewer: Client, schedule: PeriodicTask
) -> None:
    rename(schedule, "Every hour")
    page = viewer.get(history(schedule.pk)).content.decode()
    assert "What was done to Every hour" in page
    assert reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk]) in page
