"""A model of everything that may happen to runs, in any order, with the real transitions.

The machine stands for what the ledger cannot see: the messages that were ever sent (each may
arrive at any time, and again), the executions that are really under way, and the beats that hold
runs in their hands and may die with them.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django_celery_beat.models import PeriodicTask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from beat.publish import overlap
from beat.publish.publishing import _decide
from jobs.runs import limits, losing, publishing, starting, transitions
from jobs.runs.limits import admission
from jobs.runs.limits.deciding import Verdict
from jobs.runs.models import RateLimit, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.publishing import Outgoing
from jobs.runs.states import ENDS, UNDER_WAY, Overlap, State
from jobs.runs.transitions import Again, Message
from scheduler_site.celery import app
from tests.integration.ledger_world import Execution, Hands, Seen, Sent, World, key_of
from tests.integration.outgoing_runs import make_run, make_schedule

BEATS = ("beat@one", "beat@two")
# So many runs of the key may be under way; see `limited_tasks`.
MOST = {"feed:7": 2, "alone": 1}
# Mostly what only one may do at a time: there a second one is soonest seen.
CALLS: list[tuple[str, list[Any]]] = [
    ("tests.fetch_feed", [7]),
    *[("tests.alone", [])] * 3,
    ("tests.call_api", []),
    ("tests.unlimited", []),
]
ROUNDS_UNTIL_ALL_HAVE_ENDED = 60


class LedgerMachine(RuleBasedStateMachine):
    """Rules are what may happen; invariants what must never be."""

    world: World
    plans: list[tuple[PeriodicTask, Overlap, tuple[str, list[Any]]]]

    @initialize(
        overlaps=st.lists(st.sampled_from(list(Overlap)), min_size=3, max_size=3),
        calls=st.lists(st.sampled_from(CALLS), min_size=3, max_size=3),
    )
    def begin(self, overlaps: list[Overlap], calls: list[tuple[str, list[Any]]]) -> None:
        """Begin with an empty ledger and three schedules."""
        Run.objects.all().delete()
        RateLimit.objects.all().delete()
        self.world = World()
        names = [f"Schedule {number}" for number in range(3)]
        schedules = [
            PeriodicTask.objects.filter(name=name).first() or make_schedule(name) for name in names
        ]
        self.plans = list(zip(schedules, overlaps, calls, strict=True))
        for number in range(3):
            self.claim(number)
        self.race(limit=1, goes_well=True)

    @rule(number=st.integers(0, 2))
    def claim(self, number: int) -> None:
        """Write down an occurrence, as claim does."""
        schedule, overlap, (task, args) = self.plans[number]
        due_at = self.world.passes()
        make_run(
            id=self.world.new_id(),
            schedule=schedule,
            overlap=overlap,
            task=task,
            args=args,
            due_at=due_at,
            publish_at=due_at,
        )

    @rule(call=st.sampled_from(CALLS), is_whole=st.sampled_from([True, True, True, False]))
    def call(self, call: tuple[str, list[Any]], is_whole: bool) -> None:
        """Send the message of an ad-hoc call."""
        task, args = call
        message = Message(
            self.world.new_id(), task, 1, "", args, {}, "default", "w", is_whole=is_whole
        )
        self.world.messages.append(Sent(message, by_beat=False))

    @rule(beat=st.sampled_from(BEATS), limit=st.integers(1, 9))
    def lease(self, beat: str, limit: int) -> None:
        """Let a beat decide what it is going to publish."""
        go = self._decide(beat, limit)
        if go:
            self.world.hands.append(Hands(beat, go))

    @rule(beat=st.sampled_from(BEATS))
    def publish(self, beat: str) -> None:
        """Let everything go well, from the decision to the worker."""
        self._publish_and_deliver(beat)

    @rule(limit=st.integers(1, 2), goes_well=st.booleans())
    def race(self, limit: int, goes_well: bool) -> None:
        """Let two beats decide about slots at the same time: neither sees what the other writes."""
        limits.wake(app)
        thoughts = [(beat, *self._think(beat, limit)) for beat in BEATS]
        for beat, runs, verdicts in thoughts:
            go = admission.carry_out(runs, verdicts).go
            if goes_well:
                self._hand_over(go)
            elif go:
                self.world.hands.append(Hands(beat, go))

    def _think(self, beat: str, limit: int) -> tuple[list[Outgoing], list[Verdict]]:
        with transaction.atomic():
            runs = publishing.lease(self.world.now, limit, beat)
            go = overlap.decide(runs, overlap.under_way(runs, self.world.now)).go
            return go, admission.judge(app, go, self.world.now)

    @precondition(lambda self: self.world.hands)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """Let the broker accept what a beat holds."""
        hands = data.draw(st.sampled_from(self.world.hands))
        hands.is_sent = True
        self._send(hands.runs)

    @precondition(lambda self: self.world.hands)
    @rule(data=st.data(), dies=st.booleans())
    def let_go(self, data: st.DataObject, dies: bool) -> None:
        """Let a beat mark what was sent, give back what was not, or die instead."""
        hands = data.draw(st.sampled_from(self.world.hands))
        self.world.hands.remove(hands)
        if dies:
            return
        if hands.is_sent:
            publishing.mark_queued(hands.runs, self.world.now)
        else:
            publishing.give_back(hands.runs, hands.beat)

    @precondition(lambda self: self.world.messages)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """Let any message that was ever sent arrive at a worker."""
        self._deliver(data.draw(st.sampled_from(self.world.messages)))

    @precondition(lambda self: self.world.executions)
    @rule(data=st.data(), outcome=st.sampled_from(["ok", "ok", "fail", "again", "hand back"]))
    def end(self, data: st.DataObject, outcome: str) -> None:
        """Let an execution end; its ledger may have gone on without it."""
        self._end(data.draw(st.sampled_from(self.world.executions)), outcome)

    @precondition(lambda self: self.world.executions)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """Let an execution die with its worker."""
        execution = data.draw(st.sampled_from(self.world.executions))
        self.world.executions.remove(execution)
        self.world.dead.append(execution)

    @precondition(lambda self: self.world.dead)
    @rule()
    def rescue(self) -> None:
        """Let rescue find the runs of dead workers."""
        for execution in self.world.dead:
            losing.lose(
                [execution.run_id], "worker_died", self.world.now, attempt=execution.attempt
            )
        self.world.rescued += self.world.dead
        self.world.dead.clear()

    @precondition(lambda self: self.world.rescued)
    @rule(data=st.data(), well=st.booleans())
    def report_late(self, data: st.DataObject, well: bool) -> None:
        """Let what a dead worker had to say arrive when its run has gone on without it."""
        late = data.draw(st.sampled_from(self.world.rescued))
        if well:
            changed = transitions.succeed(late.run_id, late.attempt, None, self.world.now)
        else:
            changed = transitions.fail(late.run_id, late.attempt, "no", "", self.world.now)
        assert not changed, "a stale attempt changed its run"

    @rule(seconds=st.sampled_from([0.5, 3, 60]))
    def wait(self, seconds: float) -> None:
        """Let time pass, past the leases of beats or not."""
        self.world.passes(seconds)

    @precondition(lambda self: self.world.messages)
    @rule(data=st.data())
    def die_before_the_start(self, data: st.DataObject) -> None:
        """Let the process die that was going to start what a message asks for."""
        message = data.draw(st.sampled_from(self.world.messages)).message
        transitions.lose_unstarted(message.run_id, message.attempt, self.world.now)

    @rule(
        what=st.sampled_from(["broker restarted", "messages vanished", "somebody cancels"]),
        number=st.integers(0, 5),
    )
    def interfere(self, what: str, number: int) -> None:
        """Let the broker seem to have forgotten what it has, or a person cancel a run.

        Messages may arrive all the same, and an execution goes on until it hears of it.
        """
        if what == "broker restarted":
            publishing.bring_back(self.world.now, 100)
        elif what == "messages vanished":
            ids = list(Run.objects.filter(state=State.QUEUED).values_list("id", flat=True))
            losing.send_again(ids, self.world.now, self.world.now)
        else:
            runs = Run.objects.filter(state__in=UNDER_WAY).order_by("due_at", "id")
            for run_id, attempt in runs.values_list("id", "attempt")[number : number + 1]:
                transitions.end_early(
                    run_id, attempt, State.CANCELLED, "person", "", self.world.now
                )

    @invariant()
    def holds(self) -> None:
        """Assert what must be true at any time."""
        rows = Run.objects.values_list(*Seen._fields)
        runs = {row[0]: Seen._make(row) for row in rows}
        self._assert_ends_stay(runs)
        ids = [each.run_id for each in self.world.executions]
        assert len(set(ids)) == len(ids), "two attempts of one run"
        # What was cancelled goes on until it hears of it.
        active = [runs[run_id] for run_id in ids if runs[run_id].state != State.CANCELLED]
        for execution in self.world.executions:
            run = runs[execution.run_id]
            assert run.state in {State.RUNNING, State.CANCELLED}, "the ledger says it is over"
            assert run.attempt == execution.attempt
        self._assert_limits([run for run in active if run.is_whole])
        self._assert_overlap(active)

    def teardown(self) -> None:
        """Let everything work from now on: every run must reach an end."""
        if not hasattr(self, "world"):
            return
        self.world.hands.clear()
        self.world.dead += self.world.executions
        self.world.executions.clear()
        for sent in list(self.world.messages):
            self._deliver(sent)
        for _ in range(ROUNDS_UNTIL_ALL_HAVE_ENDED):
            if not Run.objects.filter(state__in=UNDER_WAY).exists():
                break
            self._work_for_an_hour()
        left = Run.objects.filter(state__in=UNDER_WAY)
        assert not left.exists(), [
            (run.state, run.reason, run.reason_text, run.attempt, run.task) for run in left
        ]

    def _work_for_an_hour(self) -> None:
        self.world.passes(3600)
        self.rescue()
        for execution in list(self.world.executions):
            self._end(execution, "ok")
        publishing.bring_back(self.world.now, 100)
        self._publish_and_deliver(BEATS[0])

    def _publish_and_deliver(self, beat: str) -> None:
        self._hand_over(self._decide(beat, 100))

    def _hand_over(self, go: list[Outgoing]) -> None:
        self._send(go)
        publishing.mark_queued(go, self.world.now)
        for sent in self.world.messages[len(self.world.messages) - len(go) :]:
            self._deliver(sent)

    def _decide(self, beat: str, limit: int) -> list[Outgoing]:
        limits.wake(app)
        with transaction.atomic():
            runs = publishing.lease(self.world.now, limit, beat)
            return _decide(app, runs, self.world.now).go

    def _send(self, runs: list[Outgoing]) -> None:
        for run in runs:
            message = Message(
                run.id, run.task, run.attempt, run.schedule_name, run.args, run.kwargs, "", "w"
            )
            self.world.messages.append(Sent(message, by_beat=True))

    def _deliver(self, sent: Sent) -> None:
        worker_id = self.world.new_id()
        message = replace(sent.message, worker_id=worker_id)
        self.world.passes()
        if not sent.by_beat and message.task == "tests.unlimited":
            if starting.record_and_start(message, self.world.now):
                self.world.executions.append(Execution(message.run_id, message.attempt, worker_id))
            return
        if not sent.by_beat:
            transitions.record(message, self.world.now)
            if limits.admit_started(message, self.world.now) is not None:
                return
        if transitions.start(message, self.world.now):
            self.world.executions.append(Execution(message.run_id, message.attempt, worker_id))

    def _end(self, execution: Execution, outcome: str) -> None:
        self.world.executions.remove(execution)
        run_id, attempt = execution.run_id, execution.attempt
        if outcome == "ok":
            transitions.succeed(run_id, attempt, None, self.world.now)
        elif outcome == "fail":
            transitions.fail(run_id, attempt, "RuntimeError: no", "Trace", self.world.now)
        elif outcome == "hand back":
            losing.hand_back(execution.worker_id, self.world.now, self.world.now)
        elif Run.objects.get(id=run_id).is_whole:
            in_five_seconds = self.world.now + timedelta(seconds=5)
            again = Again(Outcome.FAILED, "retry", "It is tried again.", in_five_seconds)
            transitions.try_again(run_id, attempt, again, self.world.now)
        else:
            transitions.fail(run_id, attempt, "RuntimeError: no", "Trace", self.world.now)

    def _assert_ends_stay(self, runs: dict[UUID, Seen]) -> None:
        for run_id, (state, attempt) in self.world.ended.items():
            assert (runs[run_id].state, runs[run_id].attempt) == (state, attempt), "an end was left"
        self.world.ended |= {
            run.id: (run.state, run.attempt) for run in runs.values() if run.state in ENDS
        }

    def _assert_limits(self, active: list[Seen]) -> None:
        for key, most in MOST.items():
            of_key = [run for run in active if key_of(run) == key]
            assert len(of_key) <= most, f"{len(of_key)} of {key} at once"

    def _assert_overlap(self, active: list[Seen]) -> None:
        for schedule, rule_of_it, _ in self.plans:
            if rule_of_it != Overlap.ALLOW:
                count = sum(run.schedule_id == schedule.pk for run in active)
                assert count <= 1, f"{count} runs of a schedule that allows no overlap"
