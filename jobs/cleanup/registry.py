"""The retention rules that there are: functions that any installed app brings in `retention.py`.

A documented door for other job apps:

    from jobs.cleanup.registry import Batch, batch_of, retention_rule

    @retention_rule("old notes", "deletes notes older than 90 days")
    def old_notes(now: datetime, limit: int, dry_run: bool) -> Batch:
        old = Note.objects.filter(made_at__lt=now - timedelta(days=90)).order_by("made_at")
        return batch_of(old, limit, dry_run)

A rule works in one short transaction. With `dry_run` it deletes nothing and counts what would
go, at most `limit`, with up to EXAMPLES examples. Without, it deletes at most `limit` rows and
is called again until it returns a count below `limit`.

A rule that has to read more than it deletes is a generator: it yields a Batch for each short
transaction, also an empty one, goes on where it was, and is over when it ends.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.module_loading import autodiscover_modules

EXAMPLES = 5

Row = TypeVar("Row", bound=Model)

Rule = Callable[[datetime, int, bool], "Batch | Iterator[Batch]"]
OneRule = TypeVar("OneRule", bound=Rule)


class DuplicateRuleError(Exception):
    """Two retention rules have the same name."""


@dataclass(frozen=True)
class Batch:
    """How many rows one call of a rule deleted, or would delete, and some of them in words."""

    count: int
    examples: list[str]


@dataclass(frozen=True)
class RetentionRule:
    """A rule with its name and the sentence that says to people what it deletes."""

    name: str
    sentence: str
    apply: Rule

    @property
    def origin(self) -> str:
        """Return where the rule is written, for messages."""
        return f"{self.apply.__module__}.{self.apply.__qualname__}"

    def batches(self, now: datetime, limit: int, dry_run: bool) -> Iterator[Batch]:
        """Yield what the rule does, batch by batch, until nothing is left for it."""
        while True:
            result = self.apply(now, limit, dry_run)
            if not isinstance(result, Batch):
                yield from result
                return
            yield result
            if dry_run or result.count < limit:
                return


_rules: dict[str, RetentionRule] = {}


def retention_rule(name: str, sentence: str) -> Callable[[OneRule], OneRule]:
    """Return a decorator that adds the function to the retention rules.

    Raises DuplicateRuleError when another function has the name.
    """

    def add(apply: OneRule) -> OneRule:
        added = RetentionRule(name, sentence, apply)
        taken_by = _rules.get(name)
        if taken_by is not None and taken_by.origin != added.origin:
            raise DuplicateRuleError(
                f"The retention rule {name!r} is declared twice: by {taken_by.origin} and by "
                f"{added.origin}. Give one of them another name."
            )
        _rules[name] = added
        return apply

    return add


def retention_rules() -> list[RetentionRule]:
    """Return every rule of every installed app, in the order of their names."""
    autodiscover_modules("retention")
    return sorted(_rules.values(), key=lambda rule: rule.name)


def batch_of(
    rows: QuerySet[Row], limit: int, dry_run: bool, in_words: Callable[[Row], str] = str
) -> Batch:
    """Delete the first `limit` of `rows`, with what cascades from them; count, in a dry run.

    `in_words` writes an example. Several may run at the same time: on PostgreSQL each takes
    other rows, on SQLite one waits for the other. `rows` must be ordered and not distinct.
    """
    if dry_run:
        return Batch(rows[:limit].count(), [in_words(row) for row in rows[: min(EXAMPLES, limit)]])
    with transaction.atomic():
        taken = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
        examples = [in_words(row) for row in taken[:EXAMPLES]]
        rows.filter(pk__in=[row.pk for row in taken]).delete()
    return Batch(len(taken), examples)
