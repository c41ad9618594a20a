"""Run now, pause, resume, skip next, enable, disable, duplicate and delete, as functions."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.access.asker import Asker
from beat.actions.delete import delete
from beat.actions.duplicate import duplicate
from beat.actions.outcome import ActionRefusedError
from beat.actions.pause import pause
from beat.actions.retry_and_cancel import cancel_runs, retry_failed
from beat.actions.run_now import run_now
from beat.actions.skip_next import skip_next, skipped_instants
from beat.actions.switch import disable, enable
from beat.actions.undo_skip import undo_skip
from beat.claim.claiming import claim
from beat.models import CodeSchedule, Policy, ScheduleDetails, Tag, Timer
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.integration.acting import COMMAND_LINE, every_minute, set_timer, trail
from tests.integration.outgoing_runs import make_run

pytestmark = pytest.mark.django_db

OPERATE = ("operate_schedule", "retry_run", "cancel_run", "view_periodictask")


def person(name: str, *permissions: str) -> Asker:
    """Return somebody with these permissions who asks in the admin."""
    user = User.objects.create_user(name)
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    return Asker(user.pk, name, "admin", "192.0.2.1")


def test_run_now_writes_a_run_that_beat_publishes_next_with_the_schedules_work_and_policy() -> None:
    schedule = every_minute(args="[1, 2]", queue="heavy", expire_seconds=60)
    Policy.objects.create(schedule=schedule, overlap="queue_all", max_attempts=3)
    outcome = run_now([schedule.pk], person("olga", *OPERATE), why="The numbers were wrong.")
    run = Run.objects.get()
    assert (run.kind, run.state, run.args, run.queue) == (
        Kind.MANUAL,
        State.PENDING,
        [1, 2],
        "heavy",
    )
    assert (run.overlap, run.max_attempts) == ("queue_all", 3)
    assert run.asked_by and run.asked_by.username == "olga"
    assert run.publish_lease_until is None
    assert list(outcome.made) == [run.id]
    assert trail(schedule) == ["run now by olga: The numbers were wrong."]


def test_run_now_takes_other_arguments_and_another_logical_time() -> None:
    schedule = every_minute(args="[1, 2]", expire_seconds=60)
    last_year = datetime(2025, 3, 1, 8, tzinfo=UTC)
    run_now([schedule.pk], COMMAND_LINE, args=[3], kwargs={"deep": True}, due_at=last_year)
    run = Run.objects.get()
    assert (run.args, run.kwargs, run.due_at) == ([3], {"deep": True}, last_year)
    assert run.expires_at and run.expires_at > timezone.now()
    schedule.refresh_from_db()
    assert schedule.args == "[1, 2]"


def test_asking_twice_with_the_same_token_makes_one_run() -> None:
    schedule, token = every_minute(), uuid4()
    first = run_now([schedule.pk], COMMAND_LINE, token=token)
    second = run_now([schedule.pk], COMMAND_LINE, token=token)
    assert list(first.made) == list(second.made)
    assert Run.objects.count() == 1
    assert len(trail(schedule)) == 1


def test_arguments_that_no_message_can_hold_are_refused_with_a_sentence() -> None:
    schedule = every_minute()
    outcome = run_now([schedule.pk], COMMAND_LINE, kwargs={"limit": float("inf")})
    assert outcome.is_refused
    assert "not valid JSON" in outcome.sentences()[0]
    assert not Run.objects.exists()


def test_arguments_that_the_task_does_not_take_are_refused_with_a_sentence() -> None:
    schedule = every_minute(task="reports.make", kwargs='{"report": "run-history"}')
    outcome = run_now([schedule.pk], COMMAND_LINE, kwargs={"raport": "run-history"})
    assert "The task would not run with these." in outcome.refused_sentence()
    assert "raport" in outcome.refused_sentence()
    assert not Run.objects.exists()


def test_who_may_not_operate_is_refused_and_nothing_is_done() -> None:
    schedule = every_minute()
    viewer = person("vera", "view_periodictask")
    assert "permission to operate" in run_now([schedule.pk], viewer).sentences()[0]
    assert pause([schedule.pk], viewer, reason="no").is_refused
    assert skip_next([schedule.pk], viewer).is_refused
    assert not Run.objects.exists()
    assert not Policy.objects.exists()
    assert trail(schedule) == []


def test_an_owner_group_narrows_who_may_operate() -> None:
    schedule, free = every_minute(), every_minute("Free")
    finance = Group.objects.create(name="finance")
    ScheduleDetails.objects.create(schedule=schedule, owner=finance)
    outcome = pause([schedule.pk, free.pk], person("olga", *OPERATE), reason="Holidays")
    assert list(outcome.done) == [free.pk]
    assert 'belongs to the group "finance"' in outcome.refused_sentence()


def test_what_the_code_owns_is_run_and_paused_but_not_switched_or_deleted() -> None:
    schedule = every_minute()
    CodeSchedule.objects.create(schedule=schedule)
    assert not pause([schedule.pk], COMMAND_LINE, reason="Holidays").is_refused
    assert not run_now([schedule.pk], COMMAND_LINE).is_refused
    for act in (enable, disable, delete):
        assert "It comes from the code" in act([schedule.pk], COMMAND_LINE).sentences()[0]
    assert PeriodicTask.objects.filter(pk=schedule.pk).exists()


def test_a_pause_needs_a_reason_and_an_end_that_is_to_come() -> None:
    schedule = every_minute()
    with pytest.raises(ActionRefusedError, match="Write the reason"):
        pause([schedule.pk], COMMAND_LINE, reason=" ")
    with pytest.raises(ActionRefusedError, match="over already"):
        pause([schedule.pk], COMMAND_LINE, reason="x", until=timezone.now())


def test_pausing_again_changes_reason_and_end_and_keeps_the_beginning() -> None:
    schedule = every_minute()
    pause([schedule.pk], COMMAND_LINE, reason="Holidays")
    began_at = Policy.objects.get().paused_at
    until = timezone.now() + timedelta(days=1)
    pause([schedule.pk], COMMAND_LINE, reason="Repairs", until=until)
    policy = Policy.objects.get()
    assert (policy.paused_at, policy.pause_reason, policy.paused_until) == (
        began_at, "Repairs", until,
    )  # fmt: skip
    assert trail(schedule) == ["pause by ops: Holidays", "pause by ops: Repairs"]


def test_the_next_occurrence_that_was_skipped_is_not_run_and_the_one_after_it_is() -> None:
    schedule = every_minute(due_in_seconds=-5)
    due_at = Timer.objects.get().due_at
    assert due_at
    skip_next([schedule.pk], COMMAND_LINE, why="Already done by hand", due_at=due_at)
    assert skipped_instants(schedule.pk) == {due_at}
    claim(timezone.now(), 10, "beat@one")
    run = Run.objects.get()
    assert (run.state, run.reason) == (State.SKIPPED, "skipped_by_hand")
    assert run.reason_text == "Skipped by ops: Already done by hand"
    claim(due_at + timedelta(minutes=1), 10, "beat@one")
    assert Run.objects.get(state=State.PENDING).due_at == due_at + timedelta(minutes=1)


def test_asking_twice_about_one_occurrence_skips_one() -> None:
    schedule = every_minute()
    due_at = Timer.objects.get().due_at
    assert skip_next([schedule.pk], COMMAND_LINE, due_at=due_at).made
    assert skip_next([schedule.pk], COMMAND_LINE, due_at=due_at).is_refused
    assert skip_next([schedule.pk], COMMAND_LINE).made
    assert len(skipped_instants(schedule.pk)) == 2


def test_what_beat_claims_at_this_moment_is_not_said_to_be_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedule = every_minute()
    due_at = Timer.objects.get().due_at
    assert due_at
    make_run(schedule=schedule, due_at=due_at)
    outcome = skip_next([schedule.pk], COMMAND_LINE)
    assert "begun at this moment" in outcome.refused_sentence()
    assert trail(schedule) == []


def test_a_gap_that_begins_with_a_skipped_occurrence_is_still_written_down() -> None:
    schedule = every_minute(due_in_seconds=-600)
    due_at = Timer.objects.get().due_at
    assert due_at
    skip_next([schedule.pk], COMMAND_LINE)
    claim(due_at + timedelta(minutes=10), 10, "beat@one")
    missed = Run.objects.get(state=State.MISSED)
    assert (missed.due_at, missed.missed_count) == (due_at + timedelta(minutes=1), 9)


def test_a_skip_is_undone_and_the_occurrence_runs() -> None:
    schedule = every_minute()
    due_at = Timer.objects.get().due_at
    assert due_at
    skip_next([schedule.pk], COMMAND_LINE)
    skip_next([schedule.pk], COMMAND_LINE)
    outcome = undo_skip([schedule.pk], COMMAND_LINE, why="It is needed")
    assert f"{timezone.localtime(due_at):%H:%M:%S}" in outcome.note
    claim(due_at, 10, "beat@one")
    assert Run.objects.get().state == State.PENDING
    assert trail(schedule)[-1] == "undo skip by ops: It is needed"
    assert "Of 1 schedule nothing" in undo_skip([schedule.pk], COMMAND_LINE).sentences()[0]


def test_a_skip_that_a_beat_has_passed_stays_for_its_occurrence_has_no_other_row() -> None:
    schedule = every_minute()
    skip_next([schedule.pk], COMMAND_LINE)
    # A beat whose clock is ahead has claimed it.
    set_timer(schedule, 90)
    assert not undo_skip([schedule.pk], COMMAND_LINE).done
    assert Run.objects.get().reason == "skipped_by_hand"


def test_nothing_to_skip_is_said_in_words() -> None:
    schedule = every_minute(enabled=False)
    Timer.objects.update(due_at=None)
    assert "It is disabled" in skip_next([schedule.pk], COMMAND_LINE).sentences()[0]


def test_schedules_are_disabled_and_enabled() -> None:
    one, two = every_minute("One"), every_minute("Two", enabled=False)
    outcome = disable([one.pk, two.pk], person("ed", "change_periodictask"), why="Migration")
    assert not PeriodicTask.objects.filter(enabled=True).exists()
    assert outcome.sentences() == ["Disabled: 2 schedules. 1 schedule was so already."]
    assert trail(one) == ["disable by ed: Migration"]
    assert trail(two) == []
    enable([one.pk], COMMAND_LINE)
    assert PeriodicTask.objects.get(enabled=True) == one


def test_a_duplicate_is_disabled_and_has_policy_owner_and_tags_but_no_pause() -> None:
    schedule = every_minute("Report", args="[1]")
    Policy.objects.create(schedule=schedule, overlap="allow", is_paused=True, pause_reason="x")
    details = ScheduleDetails.objects.create(
        schedule=schedule, owner=Group.objects.create(name="finance")
    )
    details.tags.add(Tag.objects.create(name="monthly"))
    first = duplicate([schedule.pk], COMMAND_LINE)
    duplicate([schedule.pk], COMMAND_LINE)
    copy = PeriodicTask.objects.get(pk=first.made[0])
    assert (copy.name, copy.enabled, copy.args) == ("Copy of Report", False, "[1]")
    assert (copy.policy.overlap, copy.policy.is_paused) == ("allow", False)
    assert copy.details.owner.name == "finance"
    assert [tag.name for tag in copy.details.tags.all()] == ["monthly"]
    assert PeriodicTask.objects.filter(name="Copy of Report (2)").exists()
    assert trail(copy) == ["duplicate by ops"]


def test_deleting_a_schedule_keeps_its_history_and_says_how_much() -> None:
    schedule = every_minute("Report")
    for minutes in (1, 2, 3):
        make_run(minutes, schedule=schedule, state=State.SUCCEEDED)
    outcome = delete([schedule.pk], COMMAND_LINE, why="Nobody reads it.")
    assert outcome.sentences() == ["Deleted: 1 schedule. 3 runs stay in the history."]
    assert Run.objects.filter(schedule=None, schedule_name="Report").count() == 3
    assert trail(schedule) == ["delete by ops: Nobody reads it."]
    assert not IntervalSchedule.objects.exists()


def test_deleting_a_schedule_leaves_the_rule_that_another_one_uses() -> None:
    schedule, other = every_minute("Report"), every_minute("Other")
    delete([schedule.pk], COMMAND_LINE)
    assert PeriodicTask.objects.get() == other
    assert IntervalSchedule.objects.get() == other.interval


def test_failed_runs_are_started_again_once() -> None:
    schedule = every_minute()
    since = datetime(2026, 1, 1, tzinfo=UTC)
    make_run(2, schedule=schedule, state=State.FAILED)
    make_run(1, schedule=schedule, state=State.SUCCEEDED)
    olga = person("olga", *OPERATE)
    assert retry_failed([schedule.pk], olga, since=since).sentences() == ["Started again: 1 run."]
    assert not retry_failed([schedule.pk], olga, since=since).made
    assert Run.objects.get(kind=Kind.RETRY).asked_by_id == olga.user_id


def test_runs_under_way_are_cancelled_with_the_reason() -> None:
    schedule = every_minute()
    run = make_run(1, schedule=schedule)
    cancel_runs([schedule.pk], COMMAND_LINE, why="Wrong month")
    run.refresh_from_db()
    assert (run.state, run.reason_text) == (State.CANCELLED, "Cancelled by the system: Wrong month")
    assert trail(schedule) == ["cancel runs by ops: Wrong month"]


def test_cancelling_needs_its_own_permission() -> None:
    schedule = every_minute()
    make_run(1, schedule=schedule)
    outcome = cancel_runs([schedule.pk], person("olga", "operate_schedule"))
    assert "permission to cancel runs" in outcome.refused_sentence()
    assert Run.objects.get().state == State.PENDING


def test_thousands_of_schedules_cost_as_many_queries_as_there_are_batches() -> None:
    count = 600
    first = every_minute()
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"schedule {n}", task="tests.add", interval=first.interval)
        for n in range(count)
    )
    ids = list(PeriodicTask.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        assert len(pause(ids, COMMAND_LINE, reason="Migration").done) == count + 1
        assert len(run_now(ids, COMMAND_LINE).made) == count + 1
    # Django lets SQLite bind 999 values in one statement: 20 runs.
    assert len(queries) < (50 if connection.vendor == "postgresql" else count / 5)
    assert len(trail(first)) == 2
    with pytest.raises(ActionRefusedError, match="at most 10,000"):
        disable(range(10_001), COMMAND_LINE)
