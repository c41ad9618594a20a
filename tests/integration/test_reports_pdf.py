"""The PDF, made by typst in its own process and read by another program."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.reports.content import (
    Block,
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.document import Document
from jobs.reports.periods import last_days
from jobs.reports.rendering import pdf
from jobs.reports.rendering.pdf import PdfError, write_pdf
from jobs.reports.values import ValueType

MADE_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOSTILE = '#panic("x") *bold* $x^2$ \\ `raw` <label> @ref // comment "quoted" [b] {c} _'


def document(*blocks: Block, title: str = "Title") -> Document:
    """Return a document about seven days, in Berlin."""
    period = last_days(7, "Europe/Berlin")(MADE_AT)
    return Document(title, "What it is about.", period, MADE_AT, Content("A summary.", blocks))


def said_by(*command: str | Path) -> str:
    """Return what one of the poppler programs writes about a PDF, with single spaces."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} (of poppler-utils) is not installed")
    done = subprocess.run(command, capture_output=True, check=True)
    return re.sub(r" +", " ", done.stdout.decode())


def text_of(path: Path) -> str:
    """Return the text of a PDF."""
    return said_by("pdftotext", "-layout", path, "-")


def test_a_long_table_breaks_over_pages_with_its_header_and_page_numbers(tmp_path: Path) -> None:
    columns = [Column("Name"), Column("Worth", ValueType.WHOLE)]
    path = tmp_path / "a.pdf"
    write_pdf(document(Table("Long", columns, [[f"row {n}", n] for n in range(200)])), path)
    text = text_of(path)
    pages = text.split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert "Name Worth" in page
        assert f"Page {number} of {len(pages)}" in page
    assert all(f"row {n}" in text for n in range(200))


def test_the_pdf_says_what_it_is_about_and_when_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write_pdf(document(Figures([Figure("Runs", 1234, "per day")])), path)
    text = text_of(path)
    for words in ("Title", "14 Nov 2026, 10:30", "A summary.", "1,234 per day"):
        assert words in text
    assert "Made 21 Nov 2026, 10:30 (Europe/Berlin)" in text
    facts = said_by("pdfinfo", "-isodates", path)
    assert re.search(r"Title: +Title", facts)
    assert re.search(r"CreationDate: +2026-11-21T09:30:00", facts)
    assert "A4" in facts


def test_text_of_the_data_is_never_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    blocks: list[Block] = [
        Heading(HOSTILE),
        Paragraph(HOSTILE),
        Figures([Figure(HOSTILE, HOSTILE, HOSTILE, ValueType.TEXT, note=HOSTILE)]),
        Table(HOSTILE, [Column(HOSTILE)], [[HOSTILE]]),
        Chart(HOSTILE, ChartKind.BAR, [HOSTILE], [Series(HOSTILE, [1])], HOSTILE, unit=HOSTILE),
    ]
    write_pdf(document(*blocks, title=HOSTILE), path)
    text = text_of(path)
    assert text.count('#panic("x")') > 5
    assert text.count("*bold*") > 5
    assert "// comment" in text


def test_a_long_table_is_cut_and_the_pdf_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "MOST_ROWS", 10)
    path = tmp_path / "a.pdf"
    write_pdf(document(Table("T", [Column("a")], [[f"row {n}."] for n in range(1200)])), path)
    text = text_of(path)
    assert "row 9." in text
    assert "row 10." not in text
    assert "A table here ends after 10 of 1,200 rows; the XLSX file holds all of it." in text


def test_a_pdf_of_nothing_but_a_summary_can_be_made(tmp_path: Path) -> None:
    write_pdf(document(), tmp_path / "a.pdf")
    assert "A summary." in text_of(tmp_path / "a.pdf")


def test_a_failure_of_typst_is_told_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_typst_data", lambda _: {"title": "without the rest"})
    with pytest.raises(PdfError, match=r"typst could not make the PDF of 'Title': .*description"):
        write_pdf(document(), tmp_path / "a.pdf")


def test_a_typst_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "TIMEOUT_SECONDS", 0.01)
    with pytest.raises(PdfError, match=r"was not ready after 0\.01 seconds"):
        write_pdf(document(), tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()
