"""Backfills: what a dry run says, and what beat then makes, a few at a time."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from beat.access.deciding import Act
from beat.actions.backfill import backfill, dry_run
from beat.actions.cancel_backfill import cancel_backfill
from beat.actions.outcome import ActionRefusedError
from beat.actions.pause import pause
from beat.actions.permitted import permitted
from beat.actions.resume import Missed, missed_in_pause, resume
from beat.backfills.forgetting import forget_backfills
from beat.backfills.going_on import go_on
from beat.backfills.instants import Span
from beat.claim.claiming import claim
from beat.models import Backfill, Calendar, Policy, Timer
from beat.reconcile.reconciling import reconcile
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, Kind, State
from tests.integration.acting import COMMAND_LINE, every_minute, set_timer, trail
from tests.integration.outgoing_runs import make_run

pytestmark = pytest.mark.django_db


def minutes_ago(minutes: float) -> datetime:
    """Return an instant before the present whole minute."""
    return timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes)


def last_minutes(minutes: int) -> Span:
    """Return a span that ends with the present whole minute."""
    return Span(minutes_ago(minutes), minutes_ago(0))


def end_all(state: State = State.SUCCEEDED) -> None:
    """Let all runs under way come to an end."""
    Run.objects.filter(state__in=UNDER_WAY).update(state=state, finished_at=timezone.now())


def test_a_dry_run_says_how_many_and_does_nothing() -> None:
    schedule = every_minute()
    found = dry_run([schedule.pk], COMMAND_LINE, last_minutes(10), pace_seconds=60)
    assert found.total == 10
    assert found.first_at and found.first_at >= minutes_ago(10)
    assert found.last_at and found.last_at < minutes_ago(0)
    assert found.takes_seconds == 9 * 60
    assert not Backfill.objects.exists()
    assert trail(schedule) == []


def test_occurrences_that_have_a_run_are_not_repeated_and_missed_ones_are_made_up_for() -> None:
    schedule = every_minute(due_in_seconds=60 - timezone.now().second)
    ran, missed = minutes_ago(2), minutes_ago(1)
    make_run(schedule=schedule, due_at=ran, state=State.SUCCEEDED)
    make_run(schedule=schedule, due_at=missed, state=State.MISSED, missed_count=1)
    found = dry_run([schedule.pk], COMMAND_LINE, last_minutes(5))
    assert (found.total, found.have_run) == (4, 1)
    assert missed in found.plans[0].instants
    assert ran not in found.plans[0].instants


def test_what_a_calendar_excludes_is_left_out() -> None:
    schedule = every_minute()
    closed = Calendar.objects.create(name="Never", allows=True)
    Policy.objects.create(schedule=schedule, calendar=closed)
    found = dry_run([schedule.pk], COMMAND_LINE, last_minutes(5))
    assert (found.total, found.excluded) == (0, 5)


def test_what_beat_has_yet_to_claim_is_left_to_beat() -> None:
    schedule = every_minute()
    set_timer(schedule, due_in_seconds=-120)
    found = dry_run([schedule.pk], COMMAND_LINE, last_minutes(10))
    due_at = Timer.objects.get().due_at
    assert due_at and found.last_at and found.last_at < due_at


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((5, 10), "ends before it begins"),
        ((10, -10), "ends in the future"),
        ((60 * 24 * 8, 0), "at most 10,000"),
        ((60 * 24 * 365, 0), "more than 100,000"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(span: tuple[int, int], words: str) -> None:
    schedule = every_minute()
    asked = Span(minutes_ago(span[0]), minutes_ago(span[1]))
    with pytest.raises(ActionRefusedError, match=words):
        backfill([schedule.pk], COMMAND_LINE, asked)


def test_a_backfill_makes_one_run_at_a_time_and_never_more_than_asked() -> None:
    schedule = every_minute()
    span = last_minutes(3)
    outcome = backfill([schedule.pk], COMMAND_LINE, span, at_most=5, why="The data was late.")
    assert outcome.sentences() == ["To be backfilled: 3 runs."]
    assert trail(schedule) == ["backfill by ops: The data was late."]
    made = []
    for _ in range(6):
        go_on(timezone.now())
        # Its policy lets no two runs overlap, so that five at once are one.
        assert Run.objects.filter(state__in=UNDER_WAY).count() <= 1
        made.append(Run.objects.count())
        end_all()
    assert made == [1, 2, 3, 3, 3, 3]
    instants = list(Run.objects.order_by("due_at").values_list("due_at", flat=True))
    assert instants == list(dry_instants(span, schedule.pk))
    assert set(Run.objects.values_list("kind", flat=True)) == {Kind.BACKFILL}
    assert Backfill.objects.get().ended_at is not None


def dry_instants(span: Span, schedule_id: int) -> list[datetime]:
    """Return the instants of the backfill of a span, as its rows have them."""
    one = Backfill.objects.get(schedule=schedule_id, from_at=span.from_at)
    return list(one.occurrences.order_by("due_at").values_list("due_at", flat=True))


def test_where_runs_may_overlap_so_many_are_under_way_as_were_asked_for() -> None:
    schedule = every_minute()
    Policy.objects.create(schedule=schedule, overlap="allow")
    backfill([schedule.pk], COMMAND_LINE, last_minutes(5), at_most=2)
    for _ in range(3):
        go_on(timezone.now())
    assert Run.objects.filter(state__in=UNDER_WAY, overlap="allow").count() == 2


def test_two_starts_are_as_far_apart_as_the_pace_says() -> None:
    schedule, now = every_minute(), timezone.now()
    backfill([schedule.pk], COMMAND_LINE, last_minutes(5), pace_seconds=60)
    made = []
    for seconds in (0, 30, 59, 60, 90, 120):
        made.append(go_on(now + timedelta(seconds=seconds)))
        end_all()
    assert made == [1, 0, 0, 1, 0, 1]


def test_asking_twice_with_the_same_token_makes_one_backfill() -> None:
    schedule, span = every_minute(), last_minutes(3)
    token = Backfill._meta.get_field("token").get_default()
    first = backfill([schedule.pk], COMMAND_LINE, span, token=token)
    second = backfill([schedule.pk], COMMAND_LINE, span, token=token)
    assert list(first.made) == list(second.made)
    assert Backfill.objects.get().occurrences.count() == 3


def test_two_backfills_of_one_span_run_each_occurrence_once() -> None:
    schedule, span = every_minute(), last_minutes(3)
    for _ in range(2):
        backfill([schedule.pk], COMMAND_LINE, span)
    for _ in range(8):
        go_on(timezone.now())
        end_all()
    assert Run.objects.count() == 3
    assert not Backfill.objects.filter(ended_at=None).exists()
    with pytest.raises(IntegrityError):
        make_run(schedule=schedule, due_at=Run.objects.first().due_at, kind=Kind.BACKFILL)  # type: ignore[union-attr]


def test_a_cancelled_backfill_makes_no_more_and_the_rest_can_be_asked_for_again() -> None:
    schedule, span = every_minute(), last_minutes(4)
    backfill([schedule.pk], COMMAND_LINE, span)
    go_on(timezone.now())
    end_all()
    go_on(timezone.now())
    one = Backfill.objects.get()
    outcome = cancel_backfill(one, COMMAND_LINE, why="Too slow")
    assert outcome.note == "2 occurrences will not run; 1 run under way was asked to end."
    assert go_on(timezone.now()) == 0
    assert Run.objects.filter(state=State.CANCELLED).count() == 1
    assert cancel_backfill(one, COMMAND_LINE).note == "It was over already."
    assert dry_run([schedule.pk], COMMAND_LINE, span).total == 2
    assert trail(schedule)[-1] == "cancel backfill by ops: Too slow"


def test_a_backfill_of_a_schedule_that_breaks_ends_with_the_reason() -> None:
    schedule = every_minute()
    backfill([schedule.pk], COMMAND_LINE, last_minutes(3))
    schedule.args = "["
    schedule.save()
    go_on(timezone.now())
    assert "not valid JSON" in Backfill.objects.get().end_text
    assert not Run.objects.exists()


def test_a_backfill_of_a_deleted_schedule_ends() -> None:
    schedule = every_minute()
    backfill([schedule.pk], COMMAND_LINE, last_minutes(3))
    schedule.delete()
    go_on(timezone.now())
    one = Backfill.objects.get()
    assert one.ended_at and "deleted" in one.end_text
    assert one.schedule_name == "Minutely"


def test_cleanup_forgets_backfills_that_ended_long_ago_in_bounded_batches() -> None:
    schedule = every_minute()
    for minutes in (3, 4):
        backfill([schedule.pk], COMMAND_LINE, last_minutes(minutes))
    old = Backfill.objects.get(total=3)
    Backfill.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=4000))
    before = timezone.now() - timedelta(days=100)
    assert forget_backfills(before, 100, True).count == 4
    assert [forget_backfills(before, 2, False).count for _ in range(3)] == [2, 2, 0]
    assert Backfill.objects.get().total == 4


@pytest.fixture
def paused_for_five_minutes() -> tuple[int, datetime]:
    """Return a schedule that was paused at five occurrences, which beat has skipped."""
    schedule = every_minute()
    set_timer(schedule, due_in_seconds=-270)
    first_at = Timer.objects.get().due_at
    assert first_at
    pause([schedule.pk], COMMAND_LINE, reason="Repairs")
    Policy.objects.update(paused_at=first_at - timedelta(seconds=1))
    reconcile(timezone.now())
    claim(timezone.now(), 10, "beat@one")
    assert Run.objects.get().missed_count == 5
    return schedule.pk, first_at


@pytest.mark.parametrize(
    ("missed", "expected"),
    [(Missed.NONE, []), (Missed.LATEST, [4]), (Missed.ALL, [0, 1, 2, 3, 4])],
)
def test_resuming_runs_what_was_missed_as_the_person_chooses(
    paused_for_five_minutes: tuple[int, datetime], missed: Missed, expected: list[int]
) -> None:
    schedule_id, first_at = paused_for_five_minutes
    outcome = resume([schedule_id], COMMAND_LINE, missed=missed)
    assert not Policy.objects.get().is_paused
    for _ in range(6):
        go_on(timezone.now())
        end_all()
    made = Run.objects.filter(kind=Kind.BACKFILL).order_by("due_at")
    assert list(made.values_list("due_at", flat=True)) == [
        first_at + timedelta(minutes=number) for number in expected
    ]
    assert f"{len(expected)} missed" in outcome.note or not expected
    # Resuming once more repeats nothing.
    assert "was not paused" in resume([schedule_id], COMMAND_LINE, missed=missed).note


@pytest.mark.parametrize(("missed", "expected"), [(Missed.NONE, 0), (Missed.ALL, 5)])
def test_what_fell_due_in_a_pause_without_a_beat_is_as_the_person_chooses_too(
    missed: Missed, expected: int
) -> None:
    schedule = every_minute()
    set_timer(schedule, due_in_seconds=-270)
    pause([schedule.pk], COMMAND_LINE, reason="Repairs")
    Policy.objects.update(paused_at=timezone.now() - timedelta(seconds=280))
    reconcile(timezone.now())
    those = permitted([schedule.pk], COMMAND_LINE, Act.OPERATE)
    assert sum(len(one.instants) for one in missed_in_pause(those, timezone.now())) == 5
    assert not Run.objects.exists()
    resume([schedule.pk], COMMAND_LINE, missed=missed)
    # A beat is back.
    claim(timezone.now(), 10, "beat@one")
    skipped = Run.objects.get(state=State.SKIPPED)
    assert (skipped.reason, skipped.missed_count) == ("paused", 5)
    assert Run.objects.count() == 1
    assert sum(Backfill.objects.values_list("total", flat=True)) == expected


def test_a_pause_that_was_set_by_another_way_is_made_up_for_from_its_first_skipped_one(
    paused_for_five_minutes: tuple[int, datetime],
) -> None:
    schedule_id, _ = paused_for_five_minutes
    Policy.objects.update(paused_at=None)
    resume([schedule_id], COMMAND_LINE, missed=Missed.ALL)
    assert Backfill.objects.get().total == 5
