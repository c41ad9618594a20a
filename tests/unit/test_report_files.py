"""CSV and XLSX, opened as other programs open them."""

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jobs.reports.content import (
    Block,
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Series,
    Table,
)
from jobs.reports.document import Document
from jobs.reports.periods import last_days
from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.formulas import neutral
from jobs.reports.rendering.json_file import write_json
from jobs.reports.rendering.layout import left_out
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


def document(
    *blocks: Block,
    main_table: str = "",
    made_at: datetime = MADE_AT,
    summary: str = "A summary.",
) -> Document:
    """Return a document about seven days, in Berlin."""
    content = Content(summary, blocks, main_table)
    period = last_days(7, "Europe/Berlin")(MADE_AT)
    return Document("Title", "About.", period, made_at, content)


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
    write_csv(document(Table("T", [Column(f"={attack[1:]}")], [[attack]])), path)
    [header], [cell] = csv_rows(path)
    assert header.startswith("'=")
    assert cell.startswith(f"'{attack[0]}")


@pytest.mark.parametrize("separator", [";", "\t", "\n", "|"])
def test_a_formula_behind_another_separator_is_neutralised(separator: str) -> None:
    assert neutral(f"Ann{separator}=cmd()") == f"Ann{separator}'=cmd()"
    assert neutral(f"Ann{separator}-2+3") == f"Ann{separator}'-2+3"
    assert neutral(f"Ann{separator}- an item") == f"Ann{separator}- an item"


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


def test_xlsx_is_as_wide_as_a_page_and_its_values_stand_under_their_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(document(Table("Days", COLUMNS, [ROW])), path)
    book = opened(path)
    sheet = book["Days"]
    for printed in (book["Summary"], sheet):
        assert printed.sheet_properties.pageSetUpPr.fitToPage
        assert printed.page_setup.fitToHeight == 0
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
    places = [[cell.alignment.horizontal for cell in row] for row in sheet.iter_rows()]
    assert places == [["left", "right", "right", "left", "left", "right"]] * 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_formula_in_a_text_stays_a_text_in_xlsx(attack: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(document(Table("T", [Column(attack)], [[attack], ["http://example.org"]])), path)
    sheet = opened(path)["T"]
    assert [row[0].data_type for row in sheet.iter_rows()] == ["s", "s", "s"]
    assert sheet["A3"].hyperlink is None


def test_xlsx_begins_with_the_summary_and_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    figures = Figures([Figure("Runs", 7, "per day", note="all"), Figure("Rain", None, "mm")])
    write_xlsx(document(figures, summary="A summary. " * 10), path)
    book = opened(path)
    rows = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    assert rows[0][0] == "Title"
    assert rows[1][0] == "14 Nov 2026, 10:30 \N{EN DASH} 21 Nov 2026, 10:30"
    assert rows[2][0] == ("A summary. " * 10).strip()
    assert book["Summary"].row_dimensions[3].height == 30, "two lines"
    assert rows[6:] == [["Runs", 7, "per day", "all"], ["Rain", None, "", ""]]
    assert book.properties.title == "Title"


def test_xlsx_has_a_chart_of_its_own_that_takes_its_numbers_from_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    series = [Series("High", [1.5, None]), Series("=Low", [3, 4])]
    chart = Chart("Days", ChartKind.STACKED_BAR, ["=Mon", "Tue"], series, "How.", unit="°C")
    write_xlsx(document(Table("Days", [Column("a")], []), chart), path)
    sheet = opened(path)["Days 2"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)]
    assert rows == [["Label", "High (°C)", "=Low (°C)"], ["=Mon", 1.5, 3], ["Tue", None, 4]]
    assert sheet["A2"].data_type == "s"
    [drawn] = sheet._charts
    assert drawn.grouping == "stacked"
    assert [one.val.numRef.f for one in drawn.series] == [
        "'Days 2'!$B$2:$B$3",
        "'Days 2'!$C$2:$C$3",
    ]


@pytest.mark.parametrize(
    ("values", "symbol"),
    [([1.0] * 41, None), ([1.0, 2.0], "circle"), ([None, 1.0, None] * 20, "circle")],
)
def test_a_value_that_no_line_reaches_has_a_dot_in_xlsx(
    values: list[float | None], symbol: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    labels = [str(number) for number in range(len(values))]
    write_xlsx(document(Chart("C", ChartKind.LINE, labels, [Series("s", values)], "d")), path)
    [drawn] = opened(path)["C"]._charts
    assert drawn.series[0].marker.symbol == symbol


def test_what_a_spreadsheet_would_falsify_is_a_text_in_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    row: list[Cell] = ["x" * 40_000, 2**63, 1, date(1815, 6, 18), datetime(1815, 6, 18, tzinfo=UTC)]
    types = [ValueType.TEXT, ValueType.WHOLE, ValueType.DECIMAL, ValueType.DATE, ValueType.INSTANT]
    columns = [Column(type_.value, type_) for type_ in types]
    columns.append(Column("Took", ValueType.DURATION))
    write_xlsx(document(Table("T", columns, [[*row, timedelta(seconds=-90)]])), path)
    long, huge, one, day, at, took = opened(path)["T"][2]
    assert (len(long.value), long.value[-1]) == (32_767, "\N{HORIZONTAL ELLIPSIS}")
    assert huge.value == "9223372036854775808"
    assert one.value == 1
    assert (day.value, at.value[:11]) == ("18 Jun 1815", "18 Jun 1815")
    assert took.value == "\N{MINUS SIGN}1 min 30 s"


def test_json_holds_all_with_types_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    chart = Chart("C", ChartKind.LINE, ["a"], [Series("s", [None])], "d")
    blocks: list[Block] = [Figures([Figure("Runs", 7)]), Table("T", COLUMNS, [ROW, [None] * 6])]
    write_json(document(*blocks, Table("Empty", [Column("a")], []), chart), path)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert read["format"] == 1
    assert read["period"] == {
        "start_at": "2026-11-14T09:30:00Z",
        "end_at": "2026-11-21T09:30:00Z",
        "zone": "Europe/Berlin",
    }
    assert read["figures"] == [{"name": "Runs", "type": "whole number", "unit": "", "value": 7}]
    table, empty = read["tables"]
    assert table["columns"][2] == {"name": "Rain", "type": "decimal number", "unit": "mm"}
    moment = "2026-11-21T09:30:00Z"
    assert table["rows"][0] == ["Ann", 7, pytest.approx(4.425), "2026-02-28", moment, 5400]
    assert (table["rows"][1], table["row_count"]) == ([None] * 6, 2)
    assert empty["rows"] == []
    assert read["charts"][0]["series"] == [{"name": "s", "values": [None]}]


def test_what_is_left_out_is_told_with_the_files_that_have_it() -> None:
    main, other = (Table(name, [Column("a")], [["x"]] * 30) for name in ("Main", "Other"))
    made = document(main, other)
    whole = "; the whole table is in XLSX, CSV and JSON."
    assert left_out(made, main, 10) == f"The first 10 of 30 rows{whole}"
    assert (
        left_out(made, other, 10) == "The first 10 of 30 rows; the whole table is in XLSX and JSON."
    )
    assert (
        left_out(replace(made, formats=frozenset({"pdf"})), main, 10) == "The first 10 of 30 rows."
    )
    assert left_out(made, main, 30) == ""


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_json])
def test_the_same_period_gives_the_same_bytes_whenever_it_is_made(
    write: Any, tmp_path: Path
) -> None:
    chart = Chart("C", ChartKind.LINE, ["a"], [Series("s", [1])], "d")
    blocks: list[Block] = [Figures([Figure("Runs", 7)]), Table("Days", COLUMNS, [ROW]), chart]
    digests = set()
    for name, later in (("a", timedelta(0)), ("b", timedelta(days=9))):
        made = document(*blocks, made_at=MADE_AT + later)
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
