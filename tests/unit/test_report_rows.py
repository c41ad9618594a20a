"""Tables that are too long for memory: rows in a file, what is kept of them, and bounded memory."""

import csv
import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from jobs.reports import rows as rows_module
from jobs.reports.content import Column, Content, Figure, Figures, Table
from jobs.reports.content_json import MOST_ROWS, from_json, to_json
from jobs.reports.measures import measures, row_count
from jobs.reports.rows import spooled
from jobs.reports.values import Cell, ContentError, ValueType
from tests.unit import big_report

COLUMNS = [Column("Name"), Column("Worth", ValueType.DECIMAL)]


def some(count: int) -> Iterator[list[Cell]]:
    """Yield so many rows."""
    for number in range(count):
        yield [f"row {number}", number]


def test_spooled_rows_are_read_as_often_as_one_likes() -> None:
    made = spooled(COLUMNS, some(1_234))
    assert len(made) == 1_234
    assert list(made) == list(made) == [(f"row {n}", float(n)) for n in range(1_234)]
    assert made.first(2) == [("row 0", 0.0), ("row 1", 1.0)]


def test_two_readers_at_once_do_not_disturb_each_other() -> None:
    made = spooled(COLUMNS, some(2_000))
    assert all(one == other for one, other in zip(made, made, strict=True))


def test_a_spooled_row_that_does_not_fit_is_refused_with_its_number() -> None:
    with pytest.raises(ContentError, match="Row 3, column 'Worth': 'much' is not a decimal"):
        spooled(COLUMNS, [["a", 1], ["b", 2], ["c", "much"]])


def test_the_file_of_rows_is_gone_with_its_last_reader(tmp_path: Path) -> None:
    made = spooled(COLUMNS, some(10))
    file = made._file
    del made
    gc.collect()
    assert file.closed


def test_whoever_waits_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, float | None, str]] = []
    monkeypatch.setattr(rows_module, "report_progress", lambda *given: told.append(given))
    spooled(COLUMNS, some(1_200), expected=1_100)
    assert told == [(500, 1_100, "row 500 of 1,100"), (1_000, 1_100, "row 1,000 of 1,100")]
    told.clear()
    spooled(COLUMNS, some(500))
    assert told == [(500, None, "row 500")]


def test_a_table_takes_spooled_rows_as_they_are() -> None:
    given = spooled(COLUMNS, some(5))
    table = Table("T", COLUMNS, given)
    assert table.rows is given
    assert table.row_count == 5
    assert list(table.first_rows(1)) == [("row 0", 0.0)]


def test_rows_of_other_columns_are_refused() -> None:
    with pytest.raises(ContentError, match="Table 'T': its rows were spooled with columns of oth"):
        Table("T", [Column("Name"), Column("Worth")], spooled(COLUMNS, some(1)))


def test_a_stored_content_has_the_first_rows_and_knows_how_many_there_are() -> None:
    content = Content("s", [Table("T", COLUMNS, spooled(COLUMNS, some(MOST_ROWS + 500)))])
    [table] = from_json(json.loads(json.dumps(to_json(content)))).tables
    assert len(table.rows) == MOST_ROWS
    assert table.row_count == MOST_ROWS + 500
    assert row_count(content) == MOST_ROWS + 500


def test_the_measures_are_the_figures_that_are_numbers() -> None:
    figures = [
        Figure("Runs", 3),
        Figure("Took", timedelta(minutes=1), type=ValueType.DURATION),
        Figure("Newest", datetime(2026, 11, 21, tzinfo=UTC), type=ValueType.INSTANT),
        Figure("Unknown", None),
        Figure("Runs", 4),
    ]
    assert measures(Content("s", [Figures(figures)])) == {"Runs": 3, "Took": 60}


def test_a_hundred_thousand_rows_are_written_in_bounded_memory(tmp_path: Path) -> None:
    """Peak memory of a fresh process that spools the rows and writes XLSX, CSV and JSON."""
    done = subprocess.run(
        [sys.executable, "-m", big_report.__name__, str(tmp_path), "100000"],
        check=True,
        capture_output=True,
    )
    # The promise is 100 MiB; so much less shows that the rows are nowhere in memory at once.
    assert float(done.stdout) < 60
    with (tmp_path / "big.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file, strict=True)) == 100_001
    book = openpyxl.load_workbook(tmp_path / "big.xlsx", read_only=True)
    assert book["Orders"].max_row == 100_001
    book.close()
    read = json.loads((tmp_path / "big.json").read_text())
    assert len(read["tables"][0]["rows"]) == 100_000
