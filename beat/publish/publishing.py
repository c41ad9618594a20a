"""Publish: hand the runs whose time has come to the broker, and mark those that it accepted.

Any number of beats may publish at the same time. Sending a message twice is harmless, because
its attempt is claimed once; so nothing is marked before the broker has accepted it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from celery import Celery
from django.db import transaction

from beat.publish import overlap
from beat.publish.broker import BrokerAwayError, broker_errors, connected_producer
from beat.publish.messages import MessageMaker
from beat.publish.routes import Send, UnroutableError
from jobs.runs import limits, publishing
from jobs.runs.publishing import Change, Outgoing
from jobs.runs.states import State
from jobs.runs.transitions import REASON_TEXT_LENGTH

__all__ = ["BrokerAwayError", "publish"]

logger = structlog.get_logger(__name__)


def publish(
    app: Celery,
    now: datetime,
    limit: int,
    beat_name: str,
    held: Sequence[Outgoing] = (),
    *,
    only_held: bool = False,
) -> int:
    """Return how many pending runs were sent or ended; raise BrokerAwayError when none can be.

    `held` are runs that this beat has just claimed and leased: they go first and are not read
    again. With `only_held` no others are looked for. Runs that have to wait for an earlier one of
    their schedule stay pending and do not count.
    """
    # The broker first: while it is away no row is touched, and no transaction waits for it.
    with connected_producer(app) as producer:
        count = 0
        if held:
            with transaction.atomic():
                decision = _decide(app, held, now)
            _hand_over(app, producer, decision, now, beat_name)
            count += len(held) - len(decision.waiting)
        if only_held:
            return count
        # After those just claimed: they must not overtake whoever has waited for a slot.
        limits.wake(app)
        with transaction.atomic():
            runs = publishing.lease(now, limit, beat_name)
            decision = _decide(app, runs, now)
        _hand_over(app, producer, decision, now, beat_name)
        return count + len(runs) - len(decision.waiting)


def _hand_over(
    app: Celery, producer: Any, decision: overlap.Decision, now: datetime, beat_name: str
) -> None:
    """Send who goes, then write into the ledger what the broker has accepted."""
    _revoke(app, decision, producer)
    try:
        sent, broken = _send(producer, MessageMaker(app, now), decision.go)
    except BrokerAwayError:
        publishing.give_back(decision.go, beat_name)
        raise
    publishing.change([_failed(run, problem, now) for run, problem in broken])
    publishing.mark_queued(sent, now)


def _decide(app: Celery, runs: Sequence[Outgoing], now: datetime) -> overlap.Decision:
    """Return who goes; end the others, or let them wait, in the ledger."""
    expired = [run for run in runs if run.expires_at is not None and run.expires_at <= now]
    gone = {run.id for run in expired}
    due = [run for run in runs if run.id not in gone]
    decision = overlap.decide(due, overlap.under_way(due, now))
    publishing.change(
        [
            *(_expired(run, now) for run in expired),
            *(_skipped(run, other, now) for run, other in decision.skipped),
            *(_cancelled(other, run, now) for other, run in decision.cancelled),
            *(_waiting(run, other) for run, other in decision.waiting),
        ]
    )
    decision.go[:] = limits.admit(app, decision.go, now).go
    publishing.clear_waiting(decision.go)
    return decision


def _send(
    producer: Any, maker: MessageMaker, runs: Iterable[Outgoing]
) -> tuple[list[Outgoing], list[tuple[Outgoing, Exception]]]:
    """Return the runs that the broker has accepted, and those that no broker would accept."""
    prepared, broken = _prepare(maker, runs)
    accepted = []
    with broker_errors(producer.connection):
        with producer.batch():
            for run, send in prepared:
                try:
                    send(producer)
                except UnroutableError as problem:
                    broken.append((run, problem))
                else:
                    accepted.append(run)
        maker.outbox.push(producer.channel)
    return accepted, broken


def _prepare(
    maker: MessageMaker, runs: Iterable[Outgoing]
) -> tuple[list[tuple[Outgoing, Send]], list[tuple[Outgoing, Exception]]]:
    prepared, broken = [], []
    for run in runs:
        try:
            prepared.append((run, maker.prepare(run)))
        except Exception as problem:
            # Routers and serialisers are the site's own and may raise anything.
            logger.exception("message cannot be made", run=str(run.id), task=run.task)
            broken.append((run, problem))
    return prepared, broken


def _revoke(app: Celery, decision: overlap.Decision, producer: Any) -> None:
    """Ask the workers to end cancelled runs, as far as they can be reached."""
    ids = [str(other.id) for other, _ in decision.cancelled if other.state == State.RUNNING]
    if not ids:
        return
    try:
        with broker_errors(producer.connection):
            app.control.revoke(ids, terminate=True, connection=producer.connection)
    except BrokerAwayError:
        logger.warning("cancelled runs may go on: no worker was reached", runs=ids)


def _expired(run: Outgoing, now: datetime) -> Change:
    text = (
        "It expired before it could be handed to a worker. If that happens often, give the "
        'schedule a later "expires" or look for an outage of beat or the broker.'
    )
    return _end(run, State.EXPIRED, "expired", text, now)


def _skipped(run: Outgoing, other: overlap.UnderWay, now: datetime) -> Change:
    text = (
        f"Skipped, because the run {other.id} of this schedule, due "
        f"{other.due_at:%Y-%m-%d %H:%M:%S} UTC, was still {other.state}. To let runs wait or run "
        'side by side, change "overlap" in the policy of the schedule.'
    )
    return _end(run, State.SKIPPED, "overlap", text, now)


def _cancelled(other: overlap.UnderWay, run: Outgoing, now: datetime) -> Change:
    text = (
        f"Cancelled, because the run {run.id} of this schedule became due and its policy says "
        "to cancel the earlier one."
    )
    return Change(
        State.CANCELLED, "overlap", text, now, other.id, other.attempt, State(other.state)
    )


def _failed(run: Outgoing, problem: Exception, now: datetime) -> Change:
    text = (
        f"No message could be made of it ({type(problem).__name__}: {problem}). Correct the "
        "schedule's queue, exchange, routing key, headers or arguments."
    )
    return _end(run, State.FAILED, "unpublishable", text, now)


def _waiting(run: Outgoing, other: overlap.UnderWay) -> Change:
    text = f"It waits for the end of the run {other.id} of this schedule."
    return Change(State.PENDING, publishing.WAITING, text, None, run.id, run.attempt, State.PENDING)


def _end(run: Outgoing, state: State, reason: str, text: str, now: datetime) -> Change:
    text = text[:REASON_TEXT_LENGTH]
    return Change(state, reason, text, now, run.id, run.attempt, State.PENDING)
