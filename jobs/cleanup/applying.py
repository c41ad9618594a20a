"""Applies retention rules in batches, each within its time, and says what each did."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from jobs.cleanup.registry import EXAMPLES, Batch, RetentionRule

BATCH_SIZE = 500
BUDGET_SECONDS = 60.0
DRY_RUN_LIMIT = 10_000

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
        return [_tried(rule, now, dry_run_limit) for rule in rules]
    return [_applied(rule, now, clock) for rule in rules]


def _tried(rule: RetentionRule, now: datetime, limit: int) -> Applied:
    batch, error = _batch(rule, now, limit, dry_run=True)
    is_complete = not error and batch.count < limit
    return Applied(rule.name, rule.sentence, batch.count, batch.examples, is_complete, error)


def _applied(rule: RetentionRule, now: datetime, clock: Callable[[], float]) -> Applied:
    stop_at = clock() + BUDGET_SECONDS
    count = 0
    examples: list[str] = []
    while True:
        batch, error = _batch(rule, now, BATCH_SIZE, dry_run=False)
        count += batch.count
        examples = (examples + batch.examples)[:EXAMPLES]
        is_complete = not error and batch.count < BATCH_SIZE
        if is_complete or error or clock() >= stop_at:
            break
    if count:
        logger.info("cleaned up", rule=rule.name, count=count, is_complete=is_complete)
    return Applied(rule.name, rule.sentence, count, examples, is_complete, error)


def _batch(rule: RetentionRule, now: datetime, limit: int, dry_run: bool) -> tuple[Batch, str]:
    """Return the batch and no error, or an empty batch and the error in words."""
    try:
        return rule.apply(now, limit, dry_run), ""
    except Exception as error:
        logger.exception("a retention rule broke", rule=rule.name)
        return Batch(0, []), f"{type(error).__name__}: {error}"


def in_words(applied: Applied, dry_run: bool) -> str:
    """Return one line about a rule: "old notes: deleted 12"."""
    verb = "would delete" if dry_run else "deleted"
    more = "" if applied.is_complete or applied.error else " (there are more)"
    broke = f"; it broke: {applied.error}" if applied.error else ""
    return f"{applied.name}: {verb} {applied.count:,}{more}{broke}"
