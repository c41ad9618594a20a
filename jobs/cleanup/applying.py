"""Applies retention rules in batches, each within its time, and says what each did."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from jobs.cleanup.registry import EXAMPLES, RetentionRule

BATCH_SIZE = 1_000
BUDGET_SECONDS = 300.0
PAUSE_SECONDS = 0.02
DRY_RUN_LIMIT = 10_000
DRY_RUN_SECONDS = 3.0

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Applied:
    """What one rule did, or would do in a dry run.

    `is_complete` says that nothing is left for the rule; a dry run that met its limit, a rule
    that met its time, or one that broke (`error`) is not.
    """

    name: str
    sentence: str
    count: int
    examples: list[str]
    is_complete: bool
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON types."""
        return asdict(self)


def apply_all(
    rules: Iterable[RetentionRule],
    now: datetime,
    dry_run: bool,
    dry_run_limit: int = DRY_RUN_LIMIT,
    clock: Callable[[], float] = time.monotonic,
) -> list[Applied]:
    """Return what every rule did; one that breaks does not stop the others.

    What a broken rule deleted before it broke stays deleted and counts.
    """
    if dry_run:
        return [_tried(rule, now, dry_run_limit, clock) for rule in rules]
    return [_applied(rule, now, clock) for rule in rules]


def _tried(rule: RetentionRule, now: datetime, limit: int, clock: Callable[[], float]) -> Applied:
    batches = _Batches(rule, clock() + DRY_RUN_SECONDS, clock)
    for count in batches.counts(now, limit, dry_run=True):
        if count >= limit:
            batches.is_complete = False
            break
    return batches.applied(limit)


def _applied(rule: RetentionRule, now: datetime, clock: Callable[[], float]) -> Applied:
    batches = _Batches(rule, clock() + BUDGET_SECONDS, clock)
    for _ in batches.counts(now, BATCH_SIZE, dry_run=False):
        # On SQLite the others take turns with the writer only when it lets go for a moment.
        time.sleep(PAUSE_SECONDS)
    if batches.count:
        logger.info(
            "cleaned up", rule=rule.name, count=batches.count, is_complete=batches.is_complete
        )
    return batches.applied()


class _Batches:
    """The batches of one rule, added up, until it ends, breaks, or has used its time."""

    def __init__(self, rule: RetentionRule, stop_at: float, clock: Callable[[], float]) -> None:
        self._rule = rule
        self._stop_at = stop_at
        self._clock = clock
        self._examples: list[str] = []
        self._error = ""
        self.count = 0
        self.is_complete = False

    def counts(self, now: datetime, limit: int, dry_run: bool) -> Iterator[int]:
        """Yield the number of rows so far after each batch."""
        try:
            for batch in self._rule.batches(now, limit, dry_run):
                self.count += batch.count
                self._examples = (self._examples + batch.examples)[:EXAMPLES]
                if self._clock() >= self._stop_at:
                    return
                yield self.count
            self.is_complete = True
        except Exception as error:
            logger.exception("a retention rule broke", rule=self._rule.name)
            self._error = f"{type(error).__name__}: {error}"

    def applied(self, limit: int | None = None) -> Applied:
        """Return the sum; a dry run counts no further than its limit."""
        count = self.count if limit is None else min(self.count, limit)
        rule = self._rule
        return Applied(
            rule.name, rule.sentence, count, self._examples, self.is_complete, self._error
        )


def in_words(applied: Applied, dry_run: bool) -> str:
    """Return one line about a rule: "old notes: deleted 12"."""
    verb = "would delete" if dry_run else "deleted"
    more = "" if applied.is_complete or applied.error else " (there are more)"
    broke = f"; it broke: {applied.error}" if applied.error else ""
    return f"{applied.name}: {verb} {applied.count:,}{more}{broke}"
