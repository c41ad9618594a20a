"""`manage.py schedules run|pause|resume|…`: the actions at the command line."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django_celery_beat.models import PeriodicTask

from beat.models import Backfill, Policy, ScheduleDetails, Tag
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.integration.acting import every_minute, trail
from tests.integration.outgoing_runs import make_run

pytestmark = pytest.mark.django_db

SPAN = ("--from", "2026-01-01T00:00", "--before", "2026-01-01T01:00")


def schedules(*words: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    out = StringIO()
    try:
        call_command("schedules", *words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_every_action_is_a_verb_that_leaves_its_trail() -> None:
    schedule = every_minute("Report")
    make_run(schedule=schedule, state=State.FAILED)
    # Retry first: what follows cancels it.
    for words in (
        ("skip-next", "Report"),
        ("undo-skip", "Report"),
        ("retry-failed", "Report", "--since", "2020-01-01T00:00"),
        ("run", "Report", "--args", "[1]", "--at", "2026-01-01T08:00Z"),
        ("rehearse", "Report", "--mail-to", "ops@example.org"),
        ("pause", "Report", "--until", "2099-01-01T00:00"),
        ("resume", "Report", "--missed", "latest"),
        ("cancel-runs", "Report"),
        ("backfill", "Report", *SPAN),
        ("disable", "Report"),
        ("enable", "Report"),
    ):
        code, told = schedules(*words, "--why", "a test")
        assert (code, told != "") == (0, True), words
    done = [entry.split(" by ")[0] for entry in trail(schedule)]
    assert done == [
        "skip next", "undo skip", "retry failed runs", "run now", "rehearse", "pause", "resume",
        "cancel runs", "backfill", "disable", "enable",
    ]  # fmt: skip


def test_run_prints_the_id_of_the_run() -> None:
    every_minute("Report")
    _, told = schedules("run", "Report", "--kwargs", '{"deep": true}')
    run = Run.objects.get(kind=Kind.MANUAL)
    assert told.splitlines() == ["Runs now: 1 schedule.", str(run.id)]
    assert run.kwargs == {"deep": True}


def test_a_dry_run_counts_and_does_nothing() -> None:
    schedule = every_minute("Report")
    _, told = schedules("backfill", "Report", *SPAN, "--pace", "60", "--dry-run")
    assert told.startswith("60 runs.\nFirst 2026-01-01 00:00:")
    assert "Takes about 59 min 0 s" in told
    assert not Backfill.objects.exists()
    assert trail(schedule) == []


def test_a_copy_and_a_deletion_are_said() -> None:
    schedule = every_minute("Report")
    assert 'Its name is "Copy of Report"' in schedules("duplicate", "Report")[1]
    assert "0 runs stay in the history" in schedules("delete", str(schedule.pk))[1]
    assert [one.name for one in PeriodicTask.objects.all()] == ["Copy of Report"]


def test_more_than_one_is_asked_about_once() -> None:
    one = every_minute("One")
    every_minute("Two")
    ScheduleDetails.objects.create(schedule=one).tags.add(Tag.objects.create(name="nightly"))
    with pytest.raises(CommandError, match="This would pause 2 schedules"):
        schedules("pause", "--all", "--why", "Move")
    assert not Policy.objects.exists()
    assert "Paused: 2 schedules." in schedules("pause", "--all", "--yes", "--why", "Move")[1]
    assert "Resumed: 1 schedule." in schedules("resume", "--tag", "nightly")[1]
    assert "1 schedule was not paused" in schedules("resume", "--task", "tests.add", "--yes")[1]


def test_in_a_persons_name_their_permissions_count() -> None:
    every_minute("Report")
    User.objects.create_user("vera")
    code, told = schedules("run", "Report", "--by", "vera")
    assert code == 1
    assert "You need the permission to operate schedules" in told
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "Nothing"), "There is no schedule 'Nothing'"),
        (("run",), "Say which schedules"),
        (("run", "--all", "Report"), "Say which schedules"),
        (("run", "--tag", "none"), "No schedule is like that"),
        (("run", "Report", "--args", "{}"), "write a list"),
        (("run", "Report", "--kwargs", "{"), "is no JSON"),
        (("run", "Report", "--at", "soon"), "write 2026-12-24T18:00"),
        (("run", "Report", "--by", "nobody"), "There is no user 'nobody'"),
        (("pause", "Report"), "Write the reason"),
        (("backfill", "Report", "--from", "2026-01-02T00:00", "--before", "2026-01-01T00:00"),
         "ends before it begins"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(words: tuple[str, ...], sentence: str) -> None:
    every_minute("Report")
    with pytest.raises(CommandError, match=sentence):
        schedules(*words)
    assert not Run.objects.exists()
