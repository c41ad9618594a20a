"""Applies retention rules in batches, each within its time, and says what each did."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from jobs.cleanup.policies import Assignment
from jobs.cleanup.registry import EXAMPLES, Batch

PAUSE_SECONDS = 0.02
DRY_RUN_LIMIT = 10_000
DRY_RUN_SECONDS = 3.0

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Applied:
    """What one rule did, or would do in a dry run.

    `is_complete` says that nothing is left for the rule; a dry run that met its limit, a rule
    that met its time, or one that broke (`error`) is not. `left` is how many rows a rule that
    met its time has left over, counted no further than a dry run counts.
    """

    name: str
    sentence: str
    count: int
    examples: list[str]
    is_complete: bool
    error: str = ""
    left: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON types."""
        return asdict(self)


def apply_all(
    assignments: Iterable[Assignment],
    now: datetime,
    dry_run: bool,
    dry_run_limit: int = DRY_RUN_LIMIT,
    clock: Callable[[], float] = time.monotonic,
) -> list[Applied]:
    """Return what every rule did; one that breaks does not stop the others.

    What a broken rule deleted before it broke stays deleted and counts. A rule that is switched
    off does nothing, and is complete.
    """
    if dry_run:
        return [tried(each, now, dry_run_limit, clock) for each in assignments]
    return [applied(each, now, clock) for each in assignments]


def tried(
    assignment: Assignment,
    now: datetime,
    limit: int = DRY_RUN_LIMIT,
    clock: Callable[[], float] = time.monotonic,
) -> Applied:
    """Return what the rule would delete, counted up to `limit`; it changes nothing."""
    batches = _Batches(assignment, clock() + DRY_RUN_SECONDS, clock)
    for count in batches.counts(now, limit, dry_run=True):
        if count >= limit:
            batches.is_complete = False
            break
    return batches.applied(limit)


def applied(assignment: Assignment, now: datetime, clock: Callable[[], float]) -> Applied:
    """Delete within the rule's time, in its batches, and return what it did and has left."""
    batches = _Batches(assignment, clock() + assignment.budget_seconds, clock)
    for _ in batches.counts(now, assignment.batch_size, dry_run=False):
        # On SQLite the others take turns with the writer only when it lets go for a moment.
        time.sleep(PAUSE_SECONDS)
    did = batches.applied()
    if did.count:
        logger.info("cleaned up", rule=did.name, count=did.count, is_complete=did.is_complete)
    if did.is_complete or did.error:
        return did
    return replace(did, left=tried(assignment, now).count)


class _Batches:
    """The batches of one rule, added up, until it ends, breaks, or has used its time."""

    def __init__(self, assignment: Assignment, stop_at: float, clock: Callable[[], float]) -> None:
        self._assignment = assignment
        self._stop_at = stop_at
        self._clock = clock
        self._examples: list[str] = []
        self._error = ""
        self.count = 0
        self.is_complete = False

    def counts(self, now: datetime, limit: int, dry_run: bool) -> Iterator[int]:
        """Yield the number of rows so far after each batch."""
        try:
            for batch in self._rule_batches(now, limit, dry_run):
                self.count += batch.count
                self._examples = (self._examples + batch.examples)[:EXAMPLES]
                if self._clock() >= self._stop_at:
                    return
                yield self.count
            self.is_complete = True
        except Exception as error:
            logger.exception("a retention rule broke", rule=self._assignment.name)
            self._error = f"{type(error).__name__}: {error}"

    def _rule_batches(self, now: datetime, limit: int, dry_run: bool) -> Iterator[Batch]:
        if not self._assignment.is_enabled:
            return iter(())
        return self._assignment.rule.batches(now, limit, dry_run, self._assignment.kept)

    def applied(self, limit: int | None = None) -> Applied:
        """Return the sum; a dry run counts no further than its limit."""
        count = self.count if limit is None else min(self.count, limit)
        return Applied(
            name=self._assignment.name,
            sentence=self._assignment.sentence,
            count=count,
            examples=self._examples,
            is_complete=self.is_complete,
            error=self._error,
        )


def in_words(applied: Applied, dry_run: bool) -> str:
    """Return one line about a rule: "old notes: deleted 12"."""
    verb = "would delete" if dry_run else "deleted"
    more = "" if applied.is_complete or applied.error else f" ({left_in_words(applied)})"
    broke = f"; it broke: {applied.error}" if applied.error else ""
    return f"{applied.name}: {verb} {applied.count:,}{more}{broke}"


def left_in_words(applied: Applied) -> str:
    """Return what is left over: "42 are left", or that there is more."""
    if not applied.left:
        return "there are more"
    if applied.left >= DRY_RUN_LIMIT:
        return f"more than {DRY_RUN_LIMIT:,} are left"
    return "1 is left" if applied.left == 1 else f"{applied.left:,} are left"
