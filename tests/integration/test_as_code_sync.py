"""`schedules sync|diff|export|release`: the database says what the file says, all or nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from celery import current_app
from django.core.management.base import CommandError
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Calendar, CodeSchedule, Policy
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run
from tests.integration.file_schedules import Files

pytestmark = pytest.mark.django_db

ONE = """\
schedules:
  nightly:
    name: Nightly report
    task: sales.report
    when: {crontab: "0 9 * * 1-5", timezone: Europe/Berlin}
    policy: {max_attempts: 3}
"""
OTHER = """\
  often:
    task: sales.report
    when: {every: 10 minutes}
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return a folder for files of schedules."""
    return Files(tmp_path)


def by_hand(name: str, **values: Any) -> PeriodicTask:
    """Return a schedule that an operator made."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="hours")
    schedule: PeriodicTask = PeriodicTask.objects.create(
        name=name, **{"task": "sales.report", "interval": interval} | values
    )
    return schedule


def test_a_sync_adds_what_the_file_says_and_says_so(files: Files) -> None:
    code, told = files.run("sync", files.write(ONE + OTHER))
    assert code == 0
    assert "+ nightly (Nightly report) is new" in told
    assert "At 09:00 from Monday to Friday" in told
    assert told.endswith("2 written, 0 the same.\n")
    nightly = PeriodicTask.objects.get(name="Nightly report")
    assert (nightly.crontab.hour, str(nightly.crontab.timezone)) == ("9", "Europe/Berlin")
    assert nightly.policy.max_attempts == 3
    assert (nightly.code.key, nightly.code.source) == ("nightly", "file")


def test_a_diff_tells_scripts_by_its_exit_code_and_writes_nothing(files: Files) -> None:
    path = files.write(ONE)
    assert files.run("diff", path)[0] == 2
    assert not PeriodicTask.objects.exists()
    files.run("sync", path)
    assert files.run("diff", path) == (0, "0 to write, 1 the same.\n")
    with pytest.raises(CommandError, match="cannot be read"):
        files.run("diff", "/nowhere.yaml")


def test_a_dry_run_writes_nothing(files: Files) -> None:
    assert "1 to write" in files.run("sync", files.write(ONE), "--dry-run")[1]
    assert not PeriodicTask.objects.exists()


def test_a_new_name_keeps_the_schedule_and_its_history(files: Files) -> None:
    files.run("sync", files.write(ONE))
    schedule = PeriodicTask.objects.get()
    now = timezone.now()
    Run.objects.create(id=new_run_id(now), schedule=schedule, task="x", due_at=now, publish_at=now)
    _, told = files.run("sync", files.write(ONE.replace("Nightly report", "Every morning")))
    assert "name: Nightly report → Every morning" in told
    assert PeriodicTask.objects.get().pk == schedule.pk
    assert Run.objects.get().schedule_id == schedule.pk


def test_two_schedules_may_change_names(files: Files) -> None:
    files.run("sync", files.write(ONE + OTHER.replace("task:", "name: B\n    task:")))
    ids = dict(PeriodicTask.objects.values_list("code__key", "id"))
    swapped = ONE.replace("Nightly report", "B") + OTHER.replace(
        "task:", "name: Nightly report\n    task:"
    )
    files.run("sync", files.write(swapped))
    assert dict(PeriodicTask.objects.values_list("name", "id")) == {
        "B": ids["nightly"],
        "Nightly report": ids["often"],
    }


def test_a_schedule_of_the_admin_is_never_touched_unless_it_is_adopted(files: Files) -> None:
    schedule = by_hand("Nightly report", description="mine")
    other = by_hand("another")
    with pytest.raises(CommandError, match="take it over with --adopt nightly"):
        files.run("sync", files.write(ONE))
    schedule.refresh_from_db()
    assert schedule.description == "mine"
    _, told = files.run("sync", files.write(ONE), "--adopt", "nightly", "--prune")
    assert "is taken over from the admin" in told
    schedule.refresh_from_db()
    assert (schedule.description, schedule.code.key) == ("", "nightly")
    other.refresh_from_db()
    assert other.enabled


def test_what_beat_schedule_has_is_not_taken(files: Files) -> None:
    CodeSchedule.objects.create(schedule=by_hand("Nightly report"))
    with pytest.raises(CommandError, match="in beat_schedule of the code"):
        files.run("sync", files.write(ONE), "--adopt-all")


def test_what_vanished_is_told_and_disabled_only_with_prune(files: Files) -> None:
    files.run("sync", files.write(ONE + OTHER))
    path = files.write(ONE)
    code, told = files.run("diff", path)
    assert (code, "! often" in told) == (2, True)
    files.run("sync", path)
    assert PeriodicTask.objects.get(name="often").enabled
    files.run("sync", path, "--prune")
    often = PeriodicTask.objects.get(name="often")
    assert (often.enabled, often.code.is_in_code) == (False, False)
    assert files.run("diff", path, "--prune")[0] == 0


def test_what_comes_back_is_the_same_schedule_again(files: Files) -> None:
    files.run("sync", files.write(ONE + OTHER))
    often = PeriodicTask.objects.get(name="often").pk
    files.run("sync", files.write(ONE), "--prune")
    _, told = files.run("sync", files.write(ONE + OTHER))
    assert "is in the file again" in told
    schedule = PeriodicTask.objects.get(name="often")
    assert (schedule.pk, schedule.enabled, schedule.code.is_in_code) == (often, True, True)


def test_one_wrong_schedule_keeps_all_others_from_being_written(files: Files) -> None:
    wrong = ONE + OTHER + "    policy: {calendar: Holidays, max_attempts: 0}\n    owner: Nobody\n"
    with pytest.raises(CommandError) as refusal:
        files.run("sync", files.write(wrong))
    assert "line 10, often, policy: There is no calendar 'Holidays'" in str(refusal.value)
    assert "line 11, often, owner: There is no group 'Nobody'" in str(refusal.value)
    assert not PeriodicTask.objects.exists()


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("when: {crontab: '0 0 31 2 *'}", "would never be due"),
        ("when: {crontab: '* * * * *', timezone: Mars/One}", "There is no time zone"),
        ("when: {every: 1 day}\n    headers: {task: x}", "belongs to Celery's message"),
        ("when: {every: 1 day}\n    priority: 300", "0 to 255"),
        ("when: {every: 1 day}\n    policy: {max_attempts: 0}", "a single attempt"),
        ("when: {every: 1 day}\n    policy: {is_paused: true}", "pause and resume with"),
        (f"when: {{every: 1 day}}\n    queue: {'q' * 201}", "at most 200"),
        ('when: {every: 1 day}\n    args: ["\\ud800"]', "half a character"),
    ],
)
def test_what_beat_or_the_form_would_refuse_is_refused(
    files: Files, field: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        files.run("sync", files.write(f"schedules:\n  one:\n    task: x\n    {field}\n"))
    assert not PeriodicTask.objects.exists()


@pytest.fixture
def task_with_new_arguments() -> Iterator[Callable[[], None]]:
    """Return what registers the task, which wants an argument by now."""

    def register() -> None:
        @current_app.task(name="sales.report")
        def report(day: int) -> None:
            """Do nothing."""

    yield register
    current_app.tasks.unregister("sales.report")


def test_what_is_the_same_is_not_checked_again_and_lint_tells_of_it(
    files: Files, task_with_new_arguments: Callable[[], None]
) -> None:
    path = files.write(ONE)
    files.run("sync", path)
    task_with_new_arguments()
    assert files.run("sync", path) == (0, "0 written, 1 the same.\n")
    assert files.run("lint", path)[0] == 1
    with pytest.raises(CommandError, match="day"):
        files.run("sync", files.write(ONE.replace("0 9", "0 10")))


def test_a_pause_is_not_the_files_to_end(files: Files) -> None:
    path = files.write(ONE)
    files.run("sync", path)
    Policy.objects.update(is_paused=True, pause_reason="repairs")
    assert files.run("diff", path)[0] == 0
    files.run("sync", files.write(ONE.replace("max_attempts: 3", "max_attempts: 4")))
    assert Policy.objects.values_list("is_paused", "max_attempts").get() == (True, 4)


def test_a_one_off_that_is_done_does_not_run_again(files: Files) -> None:
    once = "schedules: {once: {task: x, when: {at: 2026-01-01T00:00:00Z}}}"
    path = files.write(once)
    files.run("sync", path)
    # What beat does when it is done.
    PeriodicTask.objects.update(enabled=False)
    assert files.run("diff", path)[0] == 0
    files.run("sync", files.write(once.replace("task: x", "task: y")))
    assert PeriodicTask.objects.values_list("enabled", "task").get() == (False, "y")
    files.run("sync", files.write(once.replace("2026-01-01", "2027-01-01")))
    assert PeriodicTask.objects.get().enabled


def test_a_drift_in_the_database_is_set_right(files: Files) -> None:
    path = files.write(ONE)
    files.run("sync", path)
    PeriodicTask.objects.update(task="other.task", total_run_count=7)
    assert "task: other.task → sales.report" in files.run("sync", path)[1]
    assert PeriodicTask.objects.values_list("task", "total_run_count").get() == ("sales.report", 7)


def test_a_sync_takes_away_its_own_rule_and_not_one_that_waits_for_its_schedule(
    files: Files,
) -> None:
    files.run("sync", files.write(ONE + OTHER))
    waiting = IntervalSchedule.objects.create(every=1, period="days")
    files.run("sync", files.write((ONE + OTHER).replace("10 minutes", "20 minutes")))
    every = IntervalSchedule.objects.values_list("every", flat=True)
    assert sorted(every) == [waiting.every, 20]


def test_a_released_schedule_is_the_admins_again(files: Files) -> None:
    path = files.write(ONE)
    files.run("sync", path)
    assert files.run("release", "nightly")[0] == 0
    assert not CodeSchedule.objects.exists()
    with pytest.raises(CommandError, match="--adopt nightly"):
        files.run("sync", path)
    with pytest.raises(CommandError, match="No file has nightly"):
        files.run("release", "nightly")


def test_who_synced_what_is_in_the_trail(files: Files) -> None:
    files.run("sync", files.write(ONE))
    path = files.write(ONE.replace("sales.report", "sales.count"))
    files.run("sync", path)
    entry = LogEntry.objects.order_by("-id")[0]
    assert entry.additional_data["origin"] == "schedules file"
    assert entry.additional_data["note"] == f"From {path}."
    assert entry.changes == {"task": ["sales.report", "sales.count"]}


def test_an_export_leaves_out_what_it_cannot_say_and_says_so(files: Files) -> None:
    by_hand("fine")
    by_hand("broken", args="[")
    CodeSchedule.objects.create(schedule=by_hand("from code"))
    code, content = files.run("export")
    assert code == 1
    assert "# 'broken' is broken and not here: The positional arguments are not" in content
    assert "# 'from code' comes from beat_schedule in the code and is not here." in content
    assert content.endswith("  fine:\n    task: sales.report\n    when:\n      every: 1 hour\n")
    assert "fine" not in files.run("export", "--owned")[1]


def test_a_calendar_is_said_by_its_name(files: Files) -> None:
    Calendar.objects.create(name="Holidays")
    path = files.write(ONE.replace("max_attempts: 3", "calendar: Holidays"))
    files.run("sync", path)
    assert Policy.objects.get().calendar.name == "Holidays"  # type: ignore[union-attr]
    assert "calendar: Holidays" in files.run("export")[1]


def test_several_files_are_one(files: Files) -> None:
    other = files.write(f"schedules:\n{OTHER}", "other.yaml")
    files.run("sync", files.write(ONE), other, "--prune")
    assert PeriodicTask.objects.filter(enabled=True).count() == 2
    with pytest.raises(CommandError, match="says it in line 2 already"):
        files.run("sync", other, files.write(f"schedules:\n{OTHER}", "third.yaml"))
