"""How rules are applied: in batches, within their time, each for itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.cleanup import registry
from jobs.cleanup.applying import (
    DRY_RUN_LIMIT,
    DRY_RUN_SECONDS,
    Applied,
    apply_all,
    in_words,
)
from jobs.cleanup.policies import Assignment
from jobs.cleanup.registry import (
    BEGINNING,
    Batch,
    DuplicateRuleError,
    Kept,
    RetentionRule,
    Rule,
    retention_rule,
)

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
BATCH_SIZE = 1_000
BUDGET_SECONDS = 300.0
NOTES = Kept(days=30)


def assigned(rule: Rule, name: str = "old rows", **changes: Any) -> Assignment:
    """Return the rule as a policy that says nothing has it applied."""
    values: dict[str, Any] = {"batch_size": BATCH_SIZE, "budget_seconds": BUDGET_SECONDS}
    kept = changes.pop("kept", NOTES)
    return Assignment(RetentionRule(name, "deletes old rows", rule, kept), kept, **values | changes)


class Shelf:
    """Some rows to delete; `calls` are the limits it was asked with."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.calls: list[int] = []

    def rule(self, now: datetime, limit: int, dry_run: bool, kept: Kept = NOTES) -> Batch:
        """Delete as a retention rule does."""
        self.kept = kept
        self.calls.append(limit)
        count = min(limit, self.rows)
        if not dry_run:
            self.rows -= count
        return Batch(count, [f"row {len(self.calls)}"] * min(count, 5))

    def as_rule(self, **changes: Any) -> Assignment:
        """Return it as it is applied."""
        return assigned(self.rule, **changes)


def broken(now: datetime, limit: int, dry_run: bool, kept: Kept = NOTES) -> Batch:
    """Break."""
    raise RuntimeError("the disk is full")


BROKEN = assigned(broken, "broken")


@pytest.mark.parametrize("rows", [0, 1, BATCH_SIZE - 1, BATCH_SIZE, BATCH_SIZE + 1, 1700])
def test_a_rule_is_called_in_bounded_batches_until_nothing_is_left(rows: int) -> None:
    shelf = Shelf(rows)
    [applied] = apply_all([shelf.as_rule()], NOW, dry_run=False)
    assert (applied.count, applied.is_complete, shelf.rows) == (rows, True, 0)
    assert set(shelf.calls) == {BATCH_SIZE}


def test_a_rule_that_has_used_its_time_stops_and_says_that_there_is_more() -> None:
    ticks: Iterator[float] = iter([0.0, BUDGET_SECONDS / 2, BUDGET_SECONDS])
    shelf = Shelf(10_000)
    [applied] = apply_all([shelf.as_rule()], NOW, dry_run=False, clock=lambda: next(ticks))
    assert (applied.count, applied.is_complete, applied.left) == (2_000, False, 8_000)
    assert in_words(applied, dry_run=False) == "old rows: deleted 2,000 (8,000 are left)"


def test_a_dry_run_deletes_nothing_and_counts_up_to_its_limit() -> None:
    shelf = Shelf(100)
    [some] = apply_all([shelf.as_rule()], NOW, dry_run=True, dry_run_limit=50)
    [everything] = apply_all([shelf.as_rule()], NOW, dry_run=True, dry_run_limit=101)
    assert (some.count, some.is_complete) == (50, False)
    assert (everything.count, everything.is_complete) == (100, True)
    assert shelf.rows == 100


def sweep(now: datetime, limit: int, dry_run: bool, kept: Kept = NOTES) -> Iterator[Batch]:
    """Look three times and find rows twice."""
    yield from (Batch(0, []), Batch(2, ["a", "b"]), Batch(1, ["c"]))


def test_a_rule_that_goes_on_by_itself_is_over_when_it_ends_and_not_when_it_finds_nothing() -> None:
    rule = assigned(sweep, "sweep")
    [applied] = apply_all([rule], NOW, dry_run=False)
    assert (applied.count, applied.examples, applied.is_complete) == (3, ["a", "b", "c"], True)
    [tried] = apply_all([rule], NOW, dry_run=True, dry_run_limit=2)
    assert (tried.count, tried.is_complete) == (2, False)


def test_a_dry_run_does_not_look_for_ever() -> None:
    ticks: Iterator[float] = iter([0.0, 0.0, DRY_RUN_SECONDS])
    rule = assigned(sweep, "sweep")
    [tried] = apply_all([rule], NOW, dry_run=True, clock=lambda: next(ticks))
    assert (tried.count, tried.is_complete) == (2, False)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_broken_rule_does_not_stop_the_others_and_says_what_broke(dry_run: bool) -> None:
    shelf = Shelf(3)
    results = apply_all([BROKEN, shelf.as_rule()], NOW, dry_run=dry_run)
    assert [(applied.error, applied.count) for applied in results] == [
        ("RuntimeError: the disk is full", 0),
        ("", 3),
    ]
    assert not results[0].is_complete


def test_what_a_rule_deleted_before_it_broke_counts() -> None:
    shelf = Shelf(BATCH_SIZE + 1)

    def breaks_at_the_second(now: datetime, limit: int, dry_run: bool, kept: Kept = NOTES) -> Batch:
        if shelf.calls:
            raise RuntimeError("the disk is full")
        return shelf.rule(now, limit, dry_run)

    [applied] = apply_all([assigned(breaks_at_the_second)], NOW, dry_run=False)
    assert (applied.count, bool(applied.error), applied.is_complete) == (BATCH_SIZE, True, False)


def test_examples_are_few() -> None:
    [applied] = apply_all([Shelf(1700).as_rule()], NOW, dry_run=False)
    assert applied.examples == ["row 1"] * 5


def test_a_line_about_a_rule_says_its_name_and_count() -> None:
    applied = Applied("old notes", "deletes old notes", 1234, [], is_complete=True)
    assert in_words(applied, dry_run=False) == "old notes: deleted 1,234"
    assert in_words(applied, dry_run=True) == "old notes: would delete 1,234"


def test_a_rule_is_applied_as_its_policy_says() -> None:
    shelf = Shelf(25)
    kept = Kept(days=7, at_least=3)
    [applied] = apply_all([shelf.as_rule(kept=kept, batch_size=10)], NOW, dry_run=False)
    assert (shelf.kept, shelf.calls, applied.count) == (kept, [10, 10, 10], 25)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_rule_that_is_switched_off_is_not_called(dry_run: bool) -> None:
    shelf = Shelf(25)
    [applied] = apply_all([shelf.as_rule(is_enabled=False)], NOW, dry_run=dry_run)
    assert (shelf.calls, applied.count, applied.is_complete) == ([], 0, True)
    assert applied.sentence == "is switched off"


def test_what_is_left_is_counted_no_further_than_a_dry_run_counts() -> None:
    ticks: Iterator[float] = iter([0.0, BUDGET_SECONDS])
    shelf = Shelf(DRY_RUN_LIMIT + 2_000)
    [applied] = apply_all([shelf.as_rule()], NOW, dry_run=False, clock=lambda: next(ticks))
    assert in_words(applied, dry_run=False).endswith("(more than 10,000 are left)")


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (0, NOW),
        (30, NOW - timedelta(days=30)),
        (None, BEGINNING),
        (10**9, BEGINNING),
    ],
)
def test_things_are_kept_for_days_or_for_ever(days: int | None, before: datetime) -> None:
    assert Kept(days).before(NOW) == before


def test_the_sentence_says_what_is_kept() -> None:
    rule = RetentionRule("notes", "deletes notes older than {days}", broken)
    assert rule.sentence_for(Kept(days=7)) == "deletes notes older than 7 days"
    assert rule.sentence_for(Kept()) == "keeps everything for ever"


def test_two_rules_of_one_name_are_an_error_that_names_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_rules", {})
    retention_rule("same", "breaks")(broken)
    with pytest.raises(DuplicateRuleError, match=r"'same' is declared twice.*broken.*sweep"):
        retention_rule("same", "deletes")(sweep)
