"""The retention rules that there are: functions that any installed app brings in `retention.py`.

A documented door for other job apps:

    from jobs.cleanup.registry import Batch, Kept, batch_of, retention_rule

    NOTES = Kept(days=90)

    @retention_rule("old notes", "deletes notes older than {days}", NOTES)
    def old_notes(now: datetime, limit: int, dry_run: bool, kept: Kept = NOTES) -> Batch:
        old = Note.objects.filter(made_at__lt=kept.before(now)).order_by("made_at")
        return batch_of(old, limit, dry_run)

A rule works in one short transaction. With `dry_run` it deletes nothing and counts what would
go, at most `limit`, with up to EXAMPLES examples. Without, it deletes at most `limit` rows and
is called again until it returns a count below `limit`. `kept` is what the operators' policy says
about age and number, and what the rule was declared with where the policy says nothing.

A rule that has to read more than it deletes is a generator: it yields a Batch for each short
transaction, also an empty one, goes on where it was, and is over when it ends.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.module_loading import autodiscover_modules

EXAMPLES = 5

Row = TypeVar("Row", bound=Model)

# Nothing is older: the bound of what is kept for ever.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class DuplicateRuleError(Exception):
    """Two retention rules have the same name."""


@dataclass(frozen=True)
class Batch:
    """How many rows one call of a rule deleted, or would delete, and some of them in words."""

    count: int
    examples: list[str]


@dataclass(frozen=True)
class Kept:
    """How long something is kept, and how many of it however old.

    Without `days` it is kept for ever. `at_least` is None where a rule does not count.
    """

    days: int | None = None
    at_least: int | None = None

    def before(self, now: datetime) -> datetime:
        """Return the instant before which things are old enough to go."""
        if self.days is None or self.days > (now - BEGINNING).days:
            return BEGINNING
        return now - timedelta(days=self.days)


class Rule(Protocol):
    """What a retention rule is called with; see above."""

    def __call__(
        self, now: datetime, limit: int, dry_run: bool, kept: Kept = ...
    ) -> Batch | Iterator[Batch]:
        """Delete some of what is past its retention, or count it."""
        ...


OneRule = TypeVar("OneRule", bound=Rule)


@dataclass(frozen=True)
class RetentionRule:
    """A rule with its name, the sentence that says what it deletes, and what it keeps by itself.

    `{days}` ("90 days") and `{at_least}` in the sentence stand for what is kept. Fewer days than
    `least_days` would break something else; `why_least` says what, as the end of a sentence.
    """

    name: str
    sentence: str
    apply: Rule
    kept: Kept = Kept()
    least_days: int = 0
    why_least: str = ""

    @property
    def origin(self) -> str:
        """Return where the rule is written, for messages."""
        return origin_of(self.apply)

    def sentence_for(self, kept: Kept) -> str:
        """Return what the rule deletes when this is kept."""
        if kept.days is None and "{days}" in self.sentence:
            return "keeps everything for ever"
        days = "1 day" if kept.days == 1 else f"{kept.days} days"
        return self.sentence.format(days=days, at_least=kept.at_least)

    def batches(self, now: datetime, limit: int, dry_run: bool, kept: Kept) -> Iterator[Batch]:
        """Yield what the rule does, batch by batch, until nothing is left for it."""
        while True:
            result = self.apply(now, limit, dry_run, kept)
            if not isinstance(result, Batch):
                yield from result
                return
            yield result
            if dry_run or result.count < limit:
                return


_rules: dict[str, RetentionRule] = {}


def origin_of(apply: Rule) -> str:
    """Return the module and name of a rule's function."""
    return f"{getattr(apply, '__module__', '')}.{getattr(apply, '__qualname__', apply)}"


def retention_rule(
    name: str,
    sentence: str,
    kept: Kept = Kept(),
    *,
    least_days: int = 0,
    why_least: str = "",
) -> Callable[[OneRule], OneRule]:
    """Return a decorator that adds the function to the retention rules.

    Raises DuplicateRuleError when another function has the name.
    """

    def add(apply: OneRule) -> OneRule:
        added = RetentionRule(name, sentence, apply, kept, least_days, why_least)
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


def find_rule(name: str) -> RetentionRule | None:
    """Return the rule of this name, or None when no installed app brings it."""
    return next((rule for rule in retention_rules() if rule.name == name), None)


def batch_of(
    rows: QuerySet[Row], limit: int, dry_run: bool, in_words: Callable[[Row], str] = str
) -> Batch:
    """Delete the first `limit` of `rows`, with what cascades from them; count, in a dry run.

    `in_words` writes an example. Several may run at the same time: on PostgreSQL each takes
    other rows, on SQLite one waits for the other. `rows` must be ordered and not distinct.
    """
    if dry_run:
        shown = min(EXAMPLES, limit)
        first = list(rows[:shown])
        count = len(first) if len(first) < shown else rows[:limit].count()
        return Batch(count, [in_words(row) for row in first])
    with transaction.atomic():
        taken = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
        examples = [in_words(row) for row in taken[:EXAMPLES]]
        rows.filter(pk__in=[row.pk for row in taken]).delete()
    return Batch(len(taken), examples)
