"""What changed between two versions."""

from collections.abc import Sequence
from datetime import timedelta

from jobs.reports.content import Block, Column, Content, Figure, Figures, Table
from jobs.reports.reading.comparing import Changes, changes_between
from jobs.reports.reading.comparing.tables import NAMED
from jobs.reports.values import Cell, ValueType

DECIMAL, TEXT, DURATION = ValueType.DECIMAL, ValueType.TEXT, ValueType.DURATION
MINUS = "\N{MINUS SIGN}"


def changes(old: Sequence[Block], new: Sequence[Block]) -> Changes:
    """Return what changed from one content to the other."""
    return changes_between(Content("Old.", old), Content("New.", new), "UTC")


def figures(*items: Figure) -> list[Block]:
    """Return a content's blocks with these figures."""
    return [Figures(items)]


def table(rows: Sequence[Sequence[Cell]], *more: str, total: int | None = None) -> list[Block]:
    """Return a content's blocks with a table of names and numbers."""
    columns = [Column("Name"), Column("Worth", DECIMAL, "€", 2), *map(Column, more)]
    return [Table("Sales", columns, rows, total)]


def test_a_figure_tells_before_and_after_with_difference_and_percent() -> None:
    [more, less] = changes(
        figures(Figure("Orders", 1200), Figure("Mean", 12.5, "€", DECIMAL)),
        figures(Figure("Orders", 1260), Figure("Mean", 10.0, "€", DECIMAL)),
    ).figures
    assert (more.before, more.after, more.difference) == ("1,200", "1,260", "+60")
    assert (more.percent, more.direction) == ("+5.0 %", "up")
    assert (less.before, less.after, less.difference) == ("12.5 €", "10.0 €", f"{MINUS}2.5 €")
    assert (less.percent, less.direction) == (f"{MINUS}20.0 %", "down")


def test_what_has_no_difference_in_numbers_tells_only_before_and_after() -> None:
    found = changes(
        figures(
            Figure("Best", "Ann", type=TEXT), Figure("Sum", 5, "€"), Figure("Zero", 0),
            Figure("Known", None), Figure("Long", timedelta(seconds=20), type=DURATION),
        ),
        figures(
            Figure("Best", "Bo", type=TEXT), Figure("Sum", 5, "$"), Figure("Zero", 4),
            Figure("Known", 3), Figure("Long", timedelta(seconds=90), type=DURATION),
        ),
    ).figures  # fmt: skip
    assert [(one.name, one.difference, one.percent) for one in found] == [
        ("Best", "", ""), ("Sum", "", ""), ("Zero", "+4", ""), ("Known", "", ""),
        ("Long", "+1 min 10 s", "+350.0 %"),
    ]  # fmt: skip


def test_figures_that_came_and_went_are_told_and_equal_ones_only_counted() -> None:
    found = changes(
        figures(Figure("Same", 1), Figure("Old", 2), Figure("Twice", 1), Figure("Twice", 2)),
        figures(Figure("Same", 1), Figure("New", 3), Figure("Twice", 1), Figure("Twice", 5)),
    )
    assert [(one.name, one.before, one.after) for one in found.figures] == [
        ("New", "\N{EN DASH}", "3"), ("Twice", "2", "5"), ("Old", "2", "\N{EN DASH}"),
    ]  # fmt: skip
    assert found.same_figures == 2


def test_a_change_that_nobody_would_see_is_none() -> None:
    old = [*figures(Figure("Mean", 1.501, type=DECIMAL)), *table([["Ann", 1.001]])]
    new = [*figures(Figure("Mean", 1.502, type=DECIMAL)), *table([["Ann", 1.002]])]
    assert changes(old, new).is_empty


def test_rows_are_known_by_their_first_value() -> None:
    [found] = changes(
        table([["Ann", 1], ["Bo", 2], ["Cy", 3]]), table([["Di", 4], ["Cy", 3.5], ["Ann", 1]])
    ).tables
    assert found.words == "1 row added, 1 gone, 1 changed"
    assert (found.added_keys, found.gone_keys) == (["Di"], ["Bo"])
    [row] = found.changed_rows
    assert row.key == "Cy"
    assert [(cell.column, cell.before, cell.after) for cell in row.cells] == [
        ("Worth (€)", "3.00", "3.50")
    ]


def test_rows_with_the_same_first_value_are_compared_in_their_order() -> None:
    [found] = changes(
        table([["Ann", 1], ["Ann", 2]]), table([["Ann", 1], ["Ann", 3], ["Ann", 4]])
    ).tables
    assert found.words == "1 row added, 1 changed"


def test_columns_of_one_side_only_are_named_and_not_compared() -> None:
    [found] = changes(table([["Ann", 1]]), table([["Ann", 1, "x"]], "Place")).tables
    assert (found.new_columns, found.words) == (["Place"], "no rows changed")


def test_a_table_that_goes_by_another_column_is_not_compared() -> None:
    new: list[Block] = [Table("Sales", [Column("Place")], [["Oslo"]])]
    [found] = changes(table([["Ann", 1]]), new).tables
    assert found.cannot == "Its rows went by 'Name' and now go by 'Place'."


def test_many_rows_are_counted_and_the_first_named() -> None:
    many: list[Sequence[Cell]] = [[str(number), number] for number in range(1000)]
    [found] = changes(table([]), table(many)).tables
    assert (found.added, found.words) == (1000, "1,000 rows added")
    assert found.added_keys == [str(number) for number in range(NAMED)]


def test_a_table_that_holds_only_its_first_rows_says_so() -> None:
    [found] = changes(table([["Ann", 1]], total=70_000), table([["Ann", 2]], total=90_000)).tables
    assert found.note.startswith("Only the first 1 rows of 90,000 are compared;")


def test_two_equal_contents_have_no_changes() -> None:
    blocks = [*figures(Figure("Sum", 1)), *table([["Ann", 1]])]
    found = changes(blocks, blocks)
    assert found.is_empty
    assert (found.same_figures, found.same_tables) == (1, 1)
    assert changes(blocks, []).gone_tables == ["Sales"]
    assert changes([], blocks).new_tables == ["Sales"]
