"""`schedules calendar|lint`, and the page of a schedule as code."""

from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django_celery_beat.models import PeriodicTask

from beat.models import Calendar, CalendarEntry, CodeSchedule, Policy
from tests.integration.due_schedules import minutely
from tests.integration.file_schedules import Files
from tests.people import client_of, person

pytestmark = pytest.mark.django_db
CODE = "/admin/django_celery_beat/periodictask/{}/code/"
FILE = """\
schedules:
  berlin:
    task: tests.add
    when: {crontab: "30 2 * * *", timezone: Europe/Berlin}
    policy: {calendar: Closed}
  often:
    task: tests.add
    when: {every: 10 minutes}
  very-often:
    task: tests.add
    when: {every: 5 seconds}
  off:
    task: tests.add
    when: {every: 1 day}
    enabled: false
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return a folder for files of schedules, and a calendar that excludes a day."""
    calendar = Calendar.objects.create(name="Closed")
    CalendarEntry.objects.create(calendar=calendar, month=3, day=27, name="a holiday")
    return Files(tmp_path)


def test_the_calendar_is_a_line_for_each_instant_with_what_is_skipped_and_why(files: Files) -> None:
    _, text = files.run("calendar", files.write(FILE), "--from", "2027-03-27", "--days", "2")
    assert text.split("\n", 2)[2] == (
        "2027-03-27T00:00:00Z  every 5 seconds  very-often\n"
        "2027-03-27T00:10:00Z  Sat 2027-03-27 00:10 +00:00 UTC  often  143 times until 23:50\n"
        "2027-03-27T01:30:00Z  Sat 2027-03-27 02:30 +01:00 Europe/Berlin  berlin  "
        "skipped: Not due by its calendar: a holiday.\n"
        "2027-03-28T00:00:00Z  Sun 2027-03-28 00:00 +00:00 UTC  often  144 times until 23:50\n"
        "2027-03-28T01:00:00Z  Sun 2027-03-28 03:00 +02:00 Europe/Berlin  berlin  "
        "Its time does not exist on this day: the clock goes forward. It runs right after.\n"
    )


def test_the_calendar_of_the_database_and_of_its_file_are_the_same(files: Files) -> None:
    path = files.write(FILE.split("  often:", maxsplit=1)[0])
    files.run("sync", path)
    days = ("--from", "2027-03-25", "--days", "7")
    assert files.run("calendar", *days) == files.run("calendar", path, *days)


@pytest.mark.parametrize("options", [("--days", "0"), ("--from", "tomorrow")])
def test_a_calendar_of_impossible_days_is_refused(files: Files, options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="write"):
        files.run("calendar", files.write(FILE), *options)


def test_lint_tells_what_is_wrong_and_what_is_suspicious(files: Files) -> None:
    code, told = files.run("lint", files.write(FILE))
    assert code == 0
    assert "line 4, berlin, when: On 2027-03-28 there is no 02:30 in Europe/Berlin" in told
    assert files.run("lint", files.write(FILE), "--strict")[0] == 1
    wrong = FILE.replace("Closed", "Open") + "    args: [1, 2, 3]\n"
    code, told = files.run("lint", files.write(wrong))
    assert code == 1
    assert "problem:" in told
    assert "There is no calendar 'Open'" in told
    assert not PeriodicTask.objects.exists()


def test_arguments_that_the_task_would_refuse_are_told_with_their_place(files: Files) -> None:
    wrong = "schedules: {one: {task: reports.make, when: {every: 1 day}, kwargs: {repot: x}}}"
    code, told = files.run("lint", files.write(wrong))
    assert (code, "line 1, one, kwargs: repot" in told) == (1, True)


def test_a_schedule_is_handed_over_to_a_file_and_released_on_its_page(files: Files) -> None:
    schedule = minutely("Every minute")
    Policy.objects.create(schedule=schedule, max_attempts=3)
    editor, page = client_of(person("editor", "Editor")), CODE.format(schedule.pk)
    shown = editor.get(page).content.decode()
    assert "every-minute:" in shown
    assert "max_attempts: 3" in shown
    editor.post(page, {"do": "adopt"})
    code = CodeSchedule.objects.get()
    assert (code.key, code.source, code.is_in_code) == ("every-minute", "file", True)
    path = files.write(files.run("export", "--owned")[1])
    assert files.run("diff", path)[0] == 0
    editor.post(page, {"do": "release"})
    assert not CodeSchedule.objects.exists()


def test_what_comes_from_beat_schedule_cannot_be_handed_over() -> None:
    schedule = minutely()
    CodeSchedule.objects.create(schedule=schedule)
    client = client_of(person("editor", "Editor"))
    answer = client.post(CODE.format(schedule.pk), {"do": "adopt"}, follow=True)
    assert "It comes from the code already." in answer.content.decode()
    client.post(CODE.format(schedule.pk), {"do": "release"})
    assert CodeSchedule.objects.get().source == "beat_schedule"
