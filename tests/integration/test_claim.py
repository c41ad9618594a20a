"""Claim: each due occurrence becomes one row, whoever claims and whatever is edited meanwhile."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_celery_beat.models import (
    ClockedSchedule,
    PeriodicTask,
)

from beat.claim import due_timers
from beat.claim.claiming import Claimed, claim, write_back
from beat.decisions.decide import decide
from beat.models import Calendar, Policy, Timer
from beat.reconcile.reconciling import reconcile
from jobs.runs.models import Run
from jobs.runs.states import Kind, Overlap, State
from tests.integration.due_schedules import NOON, many_minutely, minutely

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_a_due_schedule_becomes_a_pending_run_with_everything_of_its_message() -> None:
    schedule = minutely(
        args="[1, 2]",
        kwargs='{"report": "weather"}',
        queue="reports",
        exchange="tasks",
        routing_key="reports.now",
        headers='{"origin": "test"}',
        priority=3,
        expire_seconds=90,
    )
    Policy.objects.create(
        schedule=schedule,
        overlap=Overlap.QUEUE_ALL,
        soft_time_limit_seconds=10,
        time_limit_seconds=20,
        max_attempts=4,
        max_losses=5,
        backoff_seconds=7,
        longest_backoff_seconds=70,
        retry_on="OSError\n\n billing.Declined \n",
    )
    reconcile(NOON)
    now = NOON + MINUTE + SECOND
    claimed = claim(now, 10, "beat-1")
    run = Run.objects.get()
    assert claimed.timers == 1
    assert (run.kind, run.state, run.attempt) == (Kind.SCHEDULED, State.PENDING, 1)
    assert (run.schedule_id, run.schedule_name, run.task) == (schedule.pk, "minutely", "tests.add")
    assert (run.due_at, run.publish_at) == (NOON + MINUTE, NOON + MINUTE)
    assert (run.args, run.kwargs, run.headers) == (
        [1, 2],
        {"report": "weather"},
        {"origin": "test"},
    )
    assert (run.queue, run.exchange, run.routing_key) == ("reports", "tasks", "reports.now")
    assert (run.priority, run.expires_at) == (3, NOON + MINUTE + timedelta(seconds=90))
    assert (run.overlap, run.max_attempts, run.backoff_seconds) == (Overlap.QUEUE_ALL, 4, 7)
    assert (run.max_losses, run.longest_backoff_seconds) == (5, 70)
    assert run.retry_on == ["OSError", "billing.Declined"]
    assert (run.soft_time_limit_seconds, run.time_limit_seconds) == (10, 20)
    assert (run.published_by, run.publish_lease_until) == ("beat-1", now + 2 * SECOND)
    assert (run.finished_at, run.queued_at) == (None, None)
    assert Timer.objects.get().due_at == NOON + 2 * MINUTE


def test_a_schedule_without_a_policy_has_the_defaults() -> None:
    minutely()
    claim(NOON + MINUTE, 10, "beat")
    run, policy = Run.objects.get(), Policy()
    copied = ("overlap", "max_attempts", "max_losses", "time_limit_seconds")
    for name in (*copied, "backoff_seconds", "longest_backoff_seconds"):
        assert getattr(run, name) == getattr(policy, name)
    assert run.retry_on == []


def test_what_is_claimed_is_not_claimed_again() -> None:
    minutely()
    assert claim(NOON + MINUTE, 10, "beat").timers == 1
    assert claim(NOON + MINUTE, 10, "beat") == Claimed()
    assert Run.objects.count() == 1


def test_nothing_due_is_nothing_claimed() -> None:
    minutely()
    assert claim(NOON, 10, "beat") == Claimed()
    assert not Run.objects.exists()


def test_no_more_than_the_limit_is_claimed_and_the_longest_due_first() -> None:
    many_minutely(5)
    late = Timer.objects.order_by("-schedule_id")[0]
    Timer.objects.filter(pk=late.pk).update(due_at=NOON)
    assert claim(NOON + MINUTE, 1, "beat").timers == 1
    assert set(Run.objects.values_list("schedule_id", flat=True)) == {late.pk}
    assert claim(NOON + MINUTE, 3, "beat").timers == 3
    assert claim(NOON + MINUTE, 3, "beat").timers == 1


def test_a_stale_timer_waits_for_reconcile() -> None:
    schedule, fresh = minutely(), minutely("fresh")
    Timer.objects.filter(schedule=schedule).update(is_stale=True)
    assert claim(NOON + MINUTE, 10, "beat").timers == 1
    assert Run.objects.get().schedule_id == fresh.pk
    PeriodicTask.objects.filter(pk=schedule.pk).update(enabled=False)
    reconcile(NOON + MINUTE)
    claim(NOON + HOUR, 10, "beat")
    assert not Run.objects.filter(schedule=schedule).exists()


def test_jitter_moves_the_publishing_and_leaves_it_to_any_beat() -> None:
    schedule = minutely()
    Policy.objects.create(schedule=schedule, jitter_seconds=3600)
    reconcile(NOON)
    claimed = claim(NOON + MINUTE, 10, "beat")
    run = Run.objects.get()
    assert run.due_at == NOON + MINUTE < run.publish_at <= run.due_at + HOUR
    assert (claimed.to_publish, run.published_by, run.publish_lease_until) == ([], "", None)


def test_schedules_of_one_policy_and_instant_are_spread_by_their_jitter() -> None:
    schedules = many_minutely(5)
    Policy.objects.bulk_create(Policy(schedule=each, jitter_seconds=3600) for each in schedules)
    reconcile(NOON)
    claim(NOON + MINUTE, 10, "beat")
    assert len(set(Run.objects.values_list("publish_at", flat=True))) == 5


def test_schedules_of_one_rule_that_are_late_by_different_times_keep_their_own_instants() -> None:
    first, second = many_minutely(2)
    Timer.objects.filter(schedule=second).update(due_at=NOON + 2 * MINUTE)
    claim(NOON + 2 * MINUTE + SECOND, 10, "beat")
    rows = Run.objects.order_by("schedule_id", "due_at")
    assert list(rows.values_list("schedule_id", "due_at", "state")) == [
        (first.pk, NOON + MINUTE, State.MISSED),
        (first.pk, NOON + 2 * MINUTE, State.PENDING),
        (second.pk, NOON + 2 * MINUTE, State.PENDING),
    ]


def test_a_pause_is_one_row_that_grows_and_a_second_pause_is_a_second_row() -> None:
    schedule = minutely()
    policy = Policy.objects.create(schedule=schedule, is_paused=True, pause_reason="moving")
    reconcile(NOON)
    for minute in (1, 2, 5):
        claim(NOON + minute * MINUTE, 10, "beat")
    skipped = Run.objects.get()
    assert (skipped.state, skipped.reason, skipped.missed_count) == (State.SKIPPED, "paused", 5)
    assert (skipped.due_at, skipped.missed_until) == (NOON + MINUTE, NOON + 5 * MINUTE)
    assert skipped.finished_at is not None
    Policy.objects.filter(pk=policy.pk).update(is_paused=False)
    reconcile(NOON + 5 * MINUTE)
    claim(NOON + 6 * MINUTE, 10, "beat")
    Policy.objects.filter(pk=policy.pk).update(is_paused=True)
    reconcile(NOON + 6 * MINUTE)
    claim(NOON + 7 * MINUTE, 10, "beat")
    rows = Run.objects.order_by("due_at").values_list("state", "missed_count")
    assert list(rows) == [("skipped", 5), ("pending", 0), ("skipped", 1)]


def test_a_manual_run_within_a_pause_does_not_split_its_row() -> None:
    schedule = minutely()
    Policy.objects.create(schedule=schedule, is_paused=True)
    reconcile(NOON)
    claim(NOON + MINUTE, 10, "beat")
    [skipped] = Run.objects.all()
    Run.objects.create(
        id="00000000-0000-7000-8000-000000000001",
        schedule=schedule,
        kind=Kind.MANUAL,
        due_at=NOON + MINUTE + SECOND,
        publish_at=NOON + MINUTE,
    )
    claim(NOON + 2 * MINUTE, 10, "beat")
    skipped.refresh_from_db()
    assert skipped.missed_count == 2


def test_a_calendar_skips_with_its_reason_once_per_span() -> None:
    schedule = minutely()
    calendar = Calendar.objects.create(name="closed")
    calendar.entries.create(month=3, day=1, name="Spring cleaning")
    Policy.objects.create(schedule=schedule, calendar=calendar)
    reconcile(NOON)
    for minute in (1, 2, 3):
        claim(NOON + minute * MINUTE, 10, "beat")
    skipped = Run.objects.get()
    assert (skipped.state, skipped.reason, skipped.missed_count) == (State.SKIPPED, "calendar", 3)
    assert "Spring cleaning" in skipped.reason_text


def test_a_broken_calendar_sets_only_its_schedule_aside() -> None:
    broken, fine = minutely("broken"), minutely("fine")
    calendar = Calendar.objects.create(name="nowhere", country="XX")
    Policy.objects.create(schedule=broken, calendar=calendar)
    reconcile(NOON)
    # Reconcile has seen it; the claim must hold on its own where a later release of the
    # holidays no longer knows the country.
    Timer.objects.update(due_at=NOON + MINUTE, set_aside_reason="")
    assert claim(NOON + MINUTE, 10, "beat").timers == 2
    assert Run.objects.get().schedule_id == fine.pk
    timer = Timer.objects.get(schedule=broken)
    assert (timer.due_at, timer.set_aside_reason) == (None, "broken_calendar")


def test_what_breaks_at_the_claim_is_set_aside_and_harms_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, fine = minutely("broken"), minutely("fine", one_off=True)

    def fails_for_one(timing: Any, rules: Any, *instants: datetime) -> Any:
        if rules.schedule_id == broken.pk:
            raise ZeroDivisionError("a defect")
        return decide(timing, rules, *instants)

    monkeypatch.setattr(due_timers, "decide", fails_for_one)
    claim(NOON + MINUTE, 10, "beat")
    assert Run.objects.get().schedule_id == fine.pk
    timer = Timer.objects.get(schedule=broken)
    assert (timer.due_at, timer.set_aside_reason) == (None, "unexpected")
    assert "a defect" in timer.set_aside_text


def test_an_occurrence_that_has_its_row_is_not_counted_or_published_again() -> None:
    """A beat whose clock is behind may compute an instant anew that another one has claimed."""
    schedule, other = minutely(), minutely("other")
    first = claim(NOON + MINUTE, 10, "beat")
    Timer.objects.update(due_at=NOON + MINUTE)
    Run.objects.filter(schedule=other).delete()
    again = claim(NOON + MINUTE, 10, "beat")
    assert (again.timers, again.run_counts) == (2, {other.pk: 1})
    assert [run.schedule_id for run in again.to_publish] == [other.pk]
    assert again.to_publish[0].id not in {run.id for run in first.to_publish}
    assert Run.objects.filter(schedule=schedule).count() == 1
    assert set(Timer.objects.values_list("due_at", flat=True)) == {NOON + 2 * MINUTE}


def test_a_clock_set_back_or_forward_an_hour_doubles_nothing_and_makes_no_storm() -> None:
    minutely()
    for now in (NOON + MINUTE, NOON + HOUR, NOON + 2 * MINUTE, NOON + HOUR, NOON + HOUR + MINUTE):
        claim(now, 10, "beat")
    runs = Run.objects.filter(state=State.PENDING).order_by("due_at")
    assert [run.due_at - NOON for run in runs] == [MINUTE, HOUR, HOUR + MINUTE]
    assert Run.objects.get(state=State.MISSED).missed_count == 58


def test_the_schedule_learns_that_it_ran_and_nothing_else_of_it_changes() -> None:
    schedule = minutely()
    claimed = claim(NOON + MINUTE, 10, "beat")
    PeriodicTask.objects.filter(pk=schedule.pk).update(task="tests.edited", description="mine")
    reconcile(NOON + MINUTE)
    assert write_back(claimed, NOON + MINUTE) == Claimed()
    schedule.refresh_from_db()
    assert (schedule.last_run_at, schedule.total_run_count) == (NOON + MINUTE, 1)
    assert (schedule.task, schedule.description, schedule.enabled) == ("tests.edited", "mine", True)
    assert not Timer.objects.get().is_stale
    write_back(claim(NOON + 2 * MINUTE, 10, "beat"), NOON + 2 * MINUTE)
    schedule.refresh_from_db()
    assert (schedule.last_run_at, schedule.total_run_count) == (NOON + 2 * MINUTE, 2)


def test_what_was_skipped_is_not_counted_as_run() -> None:
    schedule = minutely()
    Policy.objects.create(schedule=schedule, is_paused=True)
    reconcile(NOON)
    write_back(claim(NOON + MINUTE, 10, "beat"), NOON + MINUTE)
    schedule.refresh_from_db()
    assert (schedule.last_run_at, schedule.total_run_count) == (None, 0)


def clocked(at: datetime) -> PeriodicTask:
    """Return a schedule for one instant, with its timer."""
    rule = ClockedSchedule.objects.create(clocked_time=at)
    return minutely("clocked", interval=None, clocked=rule, one_off=True)


def test_a_one_off_runs_once_and_is_disabled_then() -> None:
    schedule = clocked(NOON + MINUTE)
    claimed = claim(NOON + HOUR, 10, "beat")
    assert (Run.objects.get().due_at, claimed.done) == (NOON + MINUTE, [schedule.pk])
    assert Timer.objects.get().due_at is None
    write_back(claimed, NOON + HOUR)
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.total_run_count) == (False, 1)
    reconcile(NOON + HOUR)
    assert Timer.objects.get().due_at is None


def test_a_one_off_that_was_given_a_new_instant_meanwhile_stays_enabled() -> None:
    schedule = clocked(NOON + MINUTE)
    claimed = claim(NOON + HOUR, 10, "beat")
    ClockedSchedule.objects.update(clocked_time=NOON + 2 * HOUR)
    write_back(claimed, NOON + HOUR)
    schedule.refresh_from_db()
    assert schedule.enabled
    reconcile(NOON + HOUR)
    assert Timer.objects.get().due_at == NOON + 2 * HOUR
    write_back(claimed, NOON + HOUR)
    schedule.refresh_from_db()
    assert schedule.enabled


def test_a_deleted_schedule_leaves_its_runs() -> None:
    schedule = minutely()
    claimed = claim(NOON + MINUTE, 10, "beat")
    schedule.delete()
    write_back(claimed, NOON + MINUTE)
    run = Run.objects.get()
    assert (run.schedule_id, run.schedule_name) == (None, "minutely")


def test_texts_of_all_kinds_arrive_unchanged() -> None:
    odd = 'quote " backslash \\ brace {} comma, NULL percent %s new\nline \u00e9 \u4e16'
    schedules = [
        minutely(f"{odd} {n}", queue=f"{odd} {n}", kwargs='{"a": "\\"\\\\ %"}') for n in "12"
    ]
    claim(NOON + MINUTE, 10, odd)
    for schedule in schedules:
        run = Run.objects.get(schedule=schedule)
        assert (run.schedule_name, run.queue) == (schedule.name, schedule.queue)
        assert (run.kwargs, run.published_by) == ({"a": '"\\ %'}, odd)
