"""Makes the deliveries of a run, and sends each subscriber one digest at a time.

The one doubtful case: a sender that dies, or whose connection breaks, after the mail server took
a digest and before the ledger says so (`once`). It is sent once more after the subscriber's lease
has ended and the ledger knows that the sender is dead, with the same Message-ID, by which a mail
server may drop the second one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jobs.digests.models import Delivery, DeliveryState, Subscriber
from jobs.digests.registry import Section
from jobs.digests.rhythms import last_due
from jobs.digests.sections import SectionReader, has_news
from jobs.digests.spans import span_of
from jobs.digests.writing import digest_mail
from jobs.mails.outcomes import Outcome, Result
from jobs.mails.sending import Post, longest_sending_seconds

BATCH = 500
# A digest that could not be sent for so long is told by a later one.
LONGEST_WAIT = timedelta(days=7)
NO_ADDRESS = Outcome(Result.REFUSED, "The account has no e-mail address. Give it one.")
STATES = {
    Result.SENT: DeliveryState.SENT,
    Result.REFUSED: DeliveryState.REFUSED,
    Result.POSTPONED: DeliveryState.WAITING,
    Result.UNREACHABLE: DeliveryState.WAITING,
}
TOLD = (DeliveryState.SENT, DeliveryState.NOTHING_TO_SAY)


def make_deliveries(cadence: str, until: datetime) -> None:
    """Insert a waiting delivery for every subscriber of the cadence, up to `until`.

    Repeating it changes nothing: a subscriber has one delivery per instant.
    """
    _insert_deliveries(_subscribers().filter(cadence=cadence), until)


def make_due_deliveries(now: datetime) -> None:
    """Insert a waiting delivery for everybody whose hour has come since their last digest.

    It is about the time up to that hour, however late this is; of several that were missed only
    the last one is made. One query for each rhythm that somebody chose.
    """
    ways = _subscribers().values_list("cadence", "hour", "weekday", "zone")
    for cadence, hour, weekday, zone in ways.distinct():
        alike = Subscriber(cadence=cadence, hour=hour, weekday=weekday, zone=zone)
        until = last_due(alike.rhythm, now)
        chosen = Q(due_after_at=None) | Q(due_after_at__lt=until)
        behind = Q(covered_until=None) | Q(covered_until__lt=until)
        same = {"cadence": cadence, "hour": hour, "weekday": weekday, "zone": zone}
        _insert_deliveries(_subscribers().filter(chosen, behind, **same), until)


def _subscribers() -> "QuerySet[Subscriber]":
    return Subscriber.objects.filter(enabled=True, user__is_active=True)


def _insert_deliveries(subscribers: "QuerySet[Subscriber]", until: datetime) -> None:
    deliveries = []
    for subscriber in subscribers.iterator(chunk_size=BATCH):
        span = span_of(subscriber.covered_until, until, subscriber.cadence)
        if span is not None:
            deliveries.append(
                Delivery(
                    subscriber=subscriber, covered_from=span.start_at, covered_until=span.end_at
                )
            )
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH, ignore_conflicts=True)


def waiting_deliveries(cadence: str, until: datetime) -> QuerySet[Delivery]:
    """Return who still has to get the digest of this instant."""
    return _waiting().filter(covered_until=until, subscriber__cadence=cadence)


def due_deliveries(now: datetime) -> QuerySet[Delivery]:
    """Return who still has to get a digest, also one that the mail server put off."""
    return _waiting().filter(covered_until__lte=now, covered_until__gt=now - LONGEST_WAIT)


def _waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state=DeliveryState.WAITING, subscriber__enabled=True, subscriber__user__is_active=True
    )


def in_batches(deliveries: QuerySet[Delivery]) -> Iterator[Delivery]:
    """Yield the deliveries, read some at a time.

    No query may stay open while rows change: SQLite then refuses to write as soon as another
    process wrote in between.
    """
    last = 0
    while batch := list(deliveries.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def deliver(delivery: Delivery, post: Post, reader: SectionReader) -> DeliveryState | None:
    """Send one digest and return its new state, or None when the subscriber is in other hands."""
    claim = claimed(delivery.subscriber_id, timezone.now())
    if claim is None:
        return None
    try:
        return _deliver_claimed(delivery.pk, post, reader)
    finally:
        held = Subscriber.objects.filter(pk=delivery.subscriber_id, claim=claim)
        held.update(claim=None, claimed_until=None)


def claimed(subscriber_id: int, now: datetime) -> UUID | None:
    """Take the subscriber for one sender and return its claim, or None when another has it."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    claim = uuid4()
    until = now + timedelta(seconds=longest_sending_seconds())
    taken = Subscriber.objects.filter(free, pk=subscriber_id)
    return claim if taken.update(claim=claim, claimed_until=until) == 1 else None


def _deliver_claimed(pk: int, post: Post, reader: SectionReader) -> DeliveryState | None:
    """Send the digest if it still waits, about what the subscriber does not know by now."""
    found = Delivery.objects.select_related("subscriber__user").filter(pk=pk).first()
    if found is None or found.state != DeliveryState.WAITING:
        return None
    told_until = found.subscriber.covered_until
    span = span_of(told_until, found.covered_until, found.subscriber.cadence)
    if span is None:
        return settle(found, DeliveryState.SUPERSEDED)
    found.covered_from = span.start_at
    with timezone.override(ZoneInfo(found.subscriber.known_zone)):
        sections = reader.sections(found.subscriber, span)
        if not has_news(sections) and not found.subscriber.wants_empty:
            return settle(found, DeliveryState.NOTHING_TO_SAY)
        outcome = _send(found, sections, post)
    return settle(found, STATES[outcome.result], outcome.words)


def _send(delivery: Delivery, sections: list[Section], post: Post) -> Outcome:
    if not delivery.subscriber.user.email:
        return NO_ADDRESS
    key = f"digests:{delivery.subscriber_id}:{delivery.covered_until.isoformat()}"
    return post.send_once(key, digest_mail(delivery, sections))


def settle(delivery: Delivery, state: DeliveryState, error: str = "") -> DeliveryState | None:
    """Record what became of a delivery; None when it was settled in between.

    A refused digest leaves the subscriber's `covered_until` as it was: the next one tells it
    again, as far back as a digest goes.
    """
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        changed = waiting.update(
            state=state,
            covered_from=delivery.covered_from,
            sent_at=timezone.now() if state == DeliveryState.SENT else None,
            error=error,
        )
        if changed and state in TOLD:
            _remember_told(delivery)
    return state if changed else None


def _remember_told(delivery: Delivery) -> None:
    """Advance the subscriber, and close older deliveries whose news this one told as well."""
    until = delivery.covered_until
    behind = Q(covered_until__isnull=True) | Q(covered_until__lt=until)
    Subscriber.objects.filter(behind, pk=delivery.subscriber_id).update(covered_until=until)
    older = Delivery.objects.filter(subscriber=delivery.subscriber_id, covered_until__lt=until)
    older.filter(state=DeliveryState.WAITING).update(state=DeliveryState.SUPERSEDED)
