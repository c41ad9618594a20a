"""Side effects that must not happen twice: a unique row, written before and after the effect.

    with once(f"thanks:{message.pk}") as first:
        if first:
            send()

The row says *begun* before the effect and *done* after it, each committed at once. What nobody
can know: whether an effect happened whose process died in between. `unknown` says what then.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from billiard.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from jobs.runs.models import Once, Run
from jobs.runs.states import State
from jobs.runs.texts import storable
from jobs.runs.worker.output.execution import current_execution

KEY_LENGTH = 200
DIGEST_LENGTH = 64
# Outside of a run nothing tells whether the one who began is still alive.
LONGEST_WITHOUT_RUN = timedelta(minutes=10)

Unknown = Literal["repeat", "leave"]


class UnderWayError(Exception):
    """Another one has begun this effect and is still at it: whether it happens is not known yet.

    Let it pass, so that the run is tried again; by then it is known.
    """


@contextmanager
def once(key: str, unknown: Unknown = "repeat") -> Iterator[bool]:
    """Yield True to the first one who comes with `key`, False once the effect is done.

    Of several at the same time one gets True and the others UnderWayError. An effect that raises
    gives the key free again; a soft time limit, which strikes at any place, does not.

    When somebody began and died before it was done, "repeat" yields True again and "leave" False
    for ever. Repeat what a receiver recognises (a mail with the same Message-ID), leave what must
    never come twice. Whether they died is read from the ledger: the run that began is not running
    any more, or it is this very run, which has one active execution at most. Outside of a run they
    count as dead after LONGEST_WITHOUT_RUN.

    In a rehearsal it is always the first, and nothing is kept.

    Raises RuntimeError inside of a transaction: its rows could be rolled back, the effect not.
    Weak: it does not fence an effect that takes longer than its process is believed alive.
    """
    execution = current_execution()
    if execution is not None and execution.rehearsal is not None:
        # It leaves nothing behind, a key neither: every rehearsal is the first.
        yield True
        return
    key = bounded_key(key)
    begun_at = _begun(key, unknown)
    if begun_at is None:
        yield False
        return
    try:
        yield True
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        Once.objects.filter(key=key, begun_at=begun_at, done_at=None).delete()
        raise
    else:
        Once.objects.filter(key=key, begun_at=begun_at).update(done_at=timezone.now())
    finally:
        _let_go(key)


def bounded_key(key: str) -> str:
    """Return the key as the row has it: one that is too long ends in its SHA-256."""
    key = storable(key)
    if len(key) <= KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LENGTH - DIGEST_LENGTH - 1]}:{digest}"


def forget_keys(before: datetime, limit: int) -> int:
    """Delete at most `limit` keys begun before the instant, the oldest first; return how many.

    What comes again with a forgotten key counts as the first.
    """
    oldest = Once.objects.filter(begun_at__lt=before).order_by("begun_at")
    keys = list(oldest.values_list("key", flat=True)[:limit])
    return Once.objects.filter(key__in=keys, begun_at__lt=before).delete()[0]


# The keys whose effects happen in this process now: a run's own threads are not told apart by
# the ledger.
_held: set[str] = set()
_lock = Lock()


def _begun(key: str, unknown: Unknown) -> datetime | None:
    """Take the key and return when, or None when its effect is done or to be left alone.

    Raises UnderWayError.
    """
    _hold(key)
    try:
        begun_at = _taken(key, timezone.now(), unknown)
    except BaseException:
        _let_go(key)
        raise
    if begun_at is None:
        _let_go(key)
    return begun_at


def _taken(key: str, now: datetime, unknown: Unknown) -> datetime | None:
    execution = current_execution()
    run_id = execution.run_id if execution is not None else None
    with transaction.atomic(durable=True):
        row, is_new = Once.objects.get_or_create(
            key=key, defaults={"run_id": run_id, "begun_at": now}
        )
        if is_new:
            return now
        if row.done_at is not None:
            return None
        is_ours = run_id is not None and row.run_id == run_id
        if not is_ours and _is_at_it(row, now):
            raise UnderWayError(_in_whose_hands(row))
        if unknown == "leave":
            return None
        # Of several that find it abandoned one changes the row.
        abandoned = Once.objects.filter(key=key, begun_at=row.begun_at, done_at=None)
        if abandoned.update(begun_at=now, run_id=run_id) == 0:
            raise UnderWayError(_in_whose_hands(row))
        return now


def _is_at_it(row: Once, now: datetime) -> bool:
    """Return whether the one who began may still be alive."""
    if row.run_id is None:
        return now - row.begun_at < LONGEST_WITHOUT_RUN
    return Run.objects.filter(id=row.run_id, state=State.RUNNING).exists()


def _in_whose_hands(row: Once) -> str:
    whose = f"run {row.run_id}" if row.run_id else "somebody outside of a run"
    return f"{row.key!r} was begun by {whose} at {row.begun_at:%Y-%m-%d %H:%M:%S} UTC."


def _hold(key: str) -> None:
    with _lock:
        if key in _held:
            raise UnderWayError(f"{key!r} is under way in this process.")
        _held.add(key)


def _let_go(key: str) -> None:
    with _lock:
        _held.discard(key)
