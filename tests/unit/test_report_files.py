"""CSV and XLSX, opened as other programs open them."""

import csv
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jobs.reports.content import Block, Column, Content, Figure, Figures, Table
from jobs.reports.document import Document
from jobs.reports.periods import last_days
from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.formulas import neutral
from jobs.reports.rendering.sheet_names import sheet_names
from jobs.reports.rendering.workbook import write_xlsx
from jobs.reports.values import Cell, ValueType

MADE_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
COLUMNS = [
    Column("Name"),
    Column("Runs", ValueType.WHOLE),
    Column("Rain", ValueType.DECIMAL, "mm", digits=2),
    Column("Day", ValueType.DATE),
    Column("At", ValueType.INSTANT),
    Column("Took", ValueType.DURATION),
]
ROW: list[Cell] = ["Ann", 7, 4.425000000000001, date(2026, 2, 28), MADE_AT, timedelta(minutes=90)]
ATTACKS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1+1",
    "=cmd|' /C calc'!A0",
]


def document(*blocks: Block, main_table: str = "") -> Document:
    """Return a document about seven days, in Berlin."""
    content = Content("A summary.", blocks, main_table)
    return Document("Title", "About.", last_days(7, "Europe/Berlin")(MADE_AT), MADE_AT, content)


def csv_rows(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_csv_holds_values_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(document(Table("T", COLUMNS, [ROW, [None] * 6])), path)
    assert csv_rows(path) == [
        ["Name", "Runs", "Rain (mm)", "Day", "At", "Took (s)"],
        ["Ann", "7", "4.425", "2026-02-28", "2026-11-21T09:30:00Z", "5400.0"],
        ["", "", "", "", "", ""],
    ]


def test_csv_is_utf_8_with_lines_and_quotes_after_rfc_4180(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(document(Table("T", [Column("a"), Column("b")], [['say "hé", 漢', "x\ny"]])), path)
    assert path.read_bytes() == 'a,b\r\n"say ""hé"", 漢","x\ny"\r\n'.encode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_formula_in_a_text_is_neutralised_in_csv(attack: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(document(Table("T", [Column(f"={attack}x")], [[attack]])), path)
    header, [cell] = csv_rows(path)
    assert header == [f"'={attack}x"]
    assert cell == f"'{attack}"


def test_a_negative_number_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(document(Table("T", [Column("a", ValueType.DECIMAL)], [[-1.5]])), path)
    assert csv_rows(path) == [["a"], ["-1.5"]]


def test_ordinary_texts_are_left_alone() -> None:
    texts = ["", "a=b", "1-2", "ann@example.org", " =1"]
    assert [neutral(text) for text in texts] == texts


def test_csv_holds_the_main_table_the_first_one_or_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    first, second = Table("First", [Column("a")], []), Table("Second", [Column("b")], [])
    write_csv(document(first, second), path)
    assert csv_rows(path) == [["a"]]
    write_csv(document(first, second, main_table="Second"), path)
    assert csv_rows(path) == [["b"]]
    write_csv(document(Figures([Figure("=Runs", 7, "per day")])), path)
    assert csv_rows(path) == [["name", "value", "unit"], ["'=Runs", "7", "per day"]]


def opened(path: Path) -> Any:
    """Return the workbook as openpyxl reads it."""
    return openpyxl.load_workbook(path)


def test_xlsx_has_real_types_formats_and_a_frozen_header(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(document(Table("Days", COLUMNS, [ROW, [None] * 6])), path)
    sheet = opened(path)["Days"]
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == [
        "Name",
        "Runs",
        "Rain (mm)",
        "Day",
        "At (Europe/Berlin)",
        "Took",
    ]
    name, runs, rain, day, at, took = sheet[2]
    assert (name.value, name.data_type) == ("Ann", "s")
    assert (runs.value, runs.number_format) == (7, "#,##0")
    assert (rain.value, rain.number_format) == (pytest.approx(4.425), "#,##0.00")
    assert (day.value, day.number_format) == (datetime(2026, 2, 28), "yyyy-mm-dd")  # noqa: DTZ001
    assert at.value == datetime(2026, 11, 21, 10, 30)  # noqa: DTZ001
    assert took.value == timedelta(minutes=90)
    assert [cell.value for cell in sheet[3]] == [None] * 6


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_formula_in_a_text_stays_a_text_in_xlsx(attack: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(document(Table("T", [Column(attack)], [[attack], ["http://example.org"]])), path)
    sheet = opened(path)["T"]
    assert [row[0].data_type for row in sheet.iter_rows()] == ["s", "s", "s"]
    assert sheet["A3"].hyperlink is None


def test_xlsx_begins_with_the_summary_and_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(document(Figures([Figure("Runs", 7, "per day", note="all")])), path)
    book = opened(path)
    rows = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    assert rows[0][0] == "Title"
    assert rows[1][0] == "14 Nov 2026, 10:30 \N{EN DASH} 21 Nov 2026, 10:30"
    assert rows[2][0] == "A summary."
    assert rows[5] == ["Runs", 7, "per day", "all"]
    assert book.properties.title == "Title"


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_the_same_document_gives_the_same_bytes(write: Any, tmp_path: Path) -> None:
    made = document(Figures([Figure("Runs", 7)]), Table("Days", COLUMNS, [ROW]))
    digests = set()
    for name in ("a", "b"):
        write(made, tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_sheet_names_are_ones_that_excel_accepts() -> None:
    titles = ["Summary", "summary", "a/b:c", "'quoted'", "x" * 40, "x" * 40, "History", "[]"]
    names = sheet_names(titles)
    assert names == [
        "Summary",
        "summary 2",
        "a b c",
        "quoted",
        "x" * 31,
        "x" * 29 + " 2",
        "History table",
        "Table",
    ]
