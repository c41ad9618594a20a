"""How rules are applied: in batches, within their time, each for itself."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from jobs.cleanup import registry
from jobs.cleanup.applying import (
    BATCH_SIZE,
    BUDGET_SECONDS,
    DRY_RUN_SECONDS,
    Applied,
    apply_all,
    in_words,
)
from jobs.cleanup.registry import Batch, DuplicateRuleError, RetentionRule, retention_rule

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


class Shelf:
    """Some rows to delete; `calls` are the limits it was asked with."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.calls: list[int] = []

    def rule(self, now: datetime, limit: int, dry_run: bool) -> Batch:
        """Delete as a retention rule does."""
        self.calls.append(limit)
        count = min(limit, self.rows)
        if not dry_run:
            self.rows -= count
        return Batch(count, [f"row {len(self.calls)}"] * min(count, 5))

    def as_rule(self, name: str = "old rows") -> RetentionRule:
        """Return it as the registry holds it."""
        return RetentionRule(name, "deletes old rows", self.rule)


def broken(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Break."""
    raise RuntimeError("the disk is full")


BROKEN = RetentionRule("broken", "breaks", broken)


@pytest.mark.parametrize("rows", [0, 1, BATCH_SIZE - 1, BATCH_SIZE, BATCH_SIZE + 1, 1700])
def test_a_rule_is_called_in_bounded_batches_until_nothing_is_left(rows: int) -> None:
    shelf = Shelf(rows)
    [applied] = apply_all([shelf.as_rule()], NOW, dry_run=False)
    assert (applied.count, applied.is_complete, shelf.rows) == (rows, True, 0)
    assert set(shelf.calls) == {BATCH_SIZE}


def test_a_rule_that_has_used_its_time_stops_and_says_that_there_is_more() -> None:
    ticks: Iterator[float] = iter([0.0, BUDGET_SECONDS / 2, BUDGET_SECONDS])
    shelf = Shelf(10 * BATCH_SIZE)
    [applied] = apply_all([shelf.as_rule()], NOW, dry_run=False, clock=lambda: next(ticks))
    assert (applied.count, applied.is_complete) == (2 * BATCH_SIZE, False)
    assert "there are more" in in_words(applied, dry_run=False)


def test_a_dry_run_deletes_nothing_and_counts_up_to_its_limit() -> None:
    shelf = Shelf(100)
    [some] = apply_all([shelf.as_rule()], NOW, dry_run=True, dry_run_limit=50)
    [everything] = apply_all([shelf.as_rule()], NOW, dry_run=True, dry_run_limit=101)
    assert (some.count, some.is_complete) == (50, False)
    assert (everything.count, everything.is_complete) == (100, True)
    assert shelf.rows == 100


def sweep(now: datetime, limit: int, dry_run: bool) -> Iterator[Batch]:
    """Look three times and find rows twice."""
    yield from (Batch(0, []), Batch(2, ["a", "b"]), Batch(1, ["c"]))


def test_a_rule_that_goes_on_by_itself_is_over_when_it_ends_and_not_when_it_finds_nothing() -> None:
    rule = RetentionRule("sweep", "deletes", sweep)
    [applied] = apply_all([rule], NOW, dry_run=False)
    assert (applied.count, applied.examples, applied.is_complete) == (3, ["a", "b", "c"], True)
    [tried] = apply_all([rule], NOW, dry_run=True, dry_run_limit=2)
    assert (tried.count, tried.is_complete) == (2, False)


def test_a_dry_run_does_not_look_for_ever() -> None:
    ticks: Iterator[float] = iter([0.0, 0.0, DRY_RUN_SECONDS])
    rule = RetentionRule("sweep", "deletes", sweep)
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

    def breaks_at_the_second(now: datetime, limit: int, dry_run: bool) -> Batch:
        if shelf.calls:
            raise RuntimeError("the disk is full")
        return shelf.rule(now, limit, dry_run)

    [applied] = apply_all([RetentionRule("r", "s", breaks_at_the_second)], NOW, dry_run=False)
    assert (applied.count, bool(applied.error), applied.is_complete) == (BATCH_SIZE, True, False)


def test_examples_are_few() -> None:
    [applied] = apply_all([Shelf(1700).as_rule()], NOW, dry_run=False)
    assert applied.examples == ["row 1"] * 5


def test_a_line_about_a_rule_says_its_name_and_count() -> None:
    applied = Applied("old notes", "deletes old notes", 1234, [], is_complete=True)
    assert in_words(applied, dry_run=False) == "old notes: deleted 1,234"
    assert in_words(applied, dry_run=True) == "old notes: would delete 1,234"


def test_two_rules_of_one_name_are_an_error_that_names_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_rules", {})
    retention_rule("same", "breaks")(broken)
    with pytest.raises(DuplicateRuleError, match=r"'same' is declared twice.*broken.*Shelf\.rule"):
        retention_rule("same", "deletes")(Shelf.rule)  # type: ignore[type-var]
