"""The PDF, made by typst in its own process and read by another program."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
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
from jobs.reports.values import Cell, ValueType

MADE_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOSTILE = '#panic("x") *bold* $x^2$ \\ `raw` <label> @ref // comment "quoted" [b] {c} _'


# What a template of typst would obey, and texts that are hard to set.
ATTACKS = [
    '#read("/etc/passwd")',
    '#include "/etc/passwd"',
    "$ sum_(i=0)^n i $",
    "<script>alert(1)</script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f642",
    "x" * 10_000,
]


def document(*blocks: Block, title: str = "Title", made_at: datetime = MADE_AT) -> Document:
    """Return a document about seven days, in Berlin."""
    period = last_days(7, "Europe/Berlin")(MADE_AT)
    content = Content("A summary.", blocks)
    return Document(title, "What it is about.", period, made_at, content)


def said_by(*command: str | Path) -> str:
    """Return what one of the poppler programs writes about a PDF, with single spaces."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} (of poppler-utils) is not installed")
    done = subprocess.run(command, capture_output=True, check=True)
    return re.sub(r" +", " ", done.stdout.decode())


def text_of(path: Path) -> str:
    """Return the text of a PDF."""
    return said_by("pdftotext", "-layout", path, "-")


def text_of_metadata(path: Path) -> str:
    """Return what the PDF says of itself in XMP, where standards are claimed."""
    return said_by("pdfinfo", "-meta", path)


def test_a_long_table_breaks_over_pages_with_its_header_and_page_numbers(tmp_path: Path) -> None:
    columns = [Column("Name"), Column("Worth", ValueType.WHOLE)]
    path = tmp_path / "a.pdf"
    write_pdf(document(Table("Long", columns, [[f"row {n}", n] for n in range(200)])), path)
    text = text_of(path)
    pages = text.split("\f")[:-1]
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        # From five pages on the first one has the contents.
        assert ("Name Worth" if number > 1 else "Contents") in page
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


def test_hostile_texts_are_printed_and_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    rows: list[list[Cell]] = [[attack, number] for number, attack in enumerate(ATTACKS)]
    columns = [Column("Text"), Column("Number", ValueType.WHOLE)]
    write_pdf(document(*(Paragraph(attack) for attack in ATTACKS), Table("T", columns, rows)), path)
    text = text_of(path)
    assert "root:" not in text
    for attack in ATTACKS[:4]:
        assert attack in text
    # Every letter of the long word is there, on as many lines as it needs.
    assert text.count("x") >= 20_000


def test_all_scripts_that_are_promised_have_glyphs_of_embedded_fonts(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    scripts = "Größe Отчёт Αναφορά 日本語のレポート 简体中文报告 繁體中文報告 한국어 보고서"
    chart = Chart(
        scripts, ChartKind.BAR, ["一月", "март"], [Series("売上", [1, 2])], "d", unit="円"
    )
    write_pdf(document(Heading(scripts), Paragraph(scripts), chart, title=scripts), path)
    text = text_of(path)
    for word in (*scripts.split(), "一月", "март", "売上 (円)"):
        assert word in text
    fonts = said_by("pdffonts", path).splitlines()[2:]
    assert any("NotoSansSC" in font for font in fonts)
    assert any("NotoSansKR" in font for font in fonts)
    assert all(re.search(r" yes yes yes ", font) for font in fonts)
    assert "Tagged: yes" in said_by("pdfinfo", path)


@pytest.mark.parametrize("heading", [[], [Heading("Under it")]], ids=["alone", "under a heading"])
def test_a_pdf_is_for_archives_and_screen_readers_unless_a_character_has_no_glyph(
    tmp_path: Path, heading: list[Block]
) -> None:
    chart = Chart("Chart", ChartKind.LINE, ["a"], [Series("s", [1])], "What it shows.")
    table = Table("Table", [Column("a")], [["x"]])
    write_pdf(document(*heading, chart, table), tmp_path / "a.pdf")
    told = text_of_metadata(tmp_path / "a.pdf")
    for name, value in (("pdfaid:part", "2"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1")):
        assert re.search(rf"{name}(>|=\"){value}\b", told), name
    write_pdf(document(Paragraph("A face: \U0001f642.")), tmp_path / "b.pdf")
    assert "pdfaid" not in text_of_metadata(tmp_path / "b.pdf")
    assert "Tagged: yes" in said_by("pdfinfo", tmp_path / "b.pdf")


def test_contents_are_shown_from_five_pages_on_and_name_their_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    sections: list[Block] = []
    for number in range(1, 6):
        table = Table(f"Table {number}", [Column("a")], [[f"row {n}"] for n in range(40)])
        sections += [Heading(f"Section {number}"), table]
    write_pdf(document(*sections[:8]), path)
    assert "Contents" not in text_of(path)
    assert "Pages: 4\n" in said_by("pdfinfo", path)
    write_pdf(document(*sections), path)
    first, *others = text_of(path).split("\f")
    for number in range(1, 6):
        [page] = re.findall(rf"Table {number} [. ]+\W*(\d+)$", first, re.MULTILINE)
        assert f"Table {number}\n" in others[int(page) - 2]


def test_a_wide_table_lies_on_pages_of_its_own_with_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    columns = [Column(f"Column {number}", ValueType.DECIMAL, "EUR") for number in range(14)]
    wide = Table("Wide", columns, [[float(number) for number in range(14)]])
    write_pdf(document(Paragraph("Before."), Heading("Lying"), wide, Paragraph("After.")), path)
    sizes = re.findall(r"Page \d size: (\d+)", said_by("pdfinfo", "-l", "3", path))
    assert sizes == ["595", "841", "595"]
    before, lying, after = text_of(path).split("\f")[:3]
    assert "Lying" not in before
    assert "Lying" in lying
    assert "Column 13" in re.sub(r"\s+", " ", lying) or "13.0" in lying
    assert "After." in after


def test_a_pdf_made_later_differs_by_its_stamp_alone(tmp_path: Path) -> None:
    blocks: list[Block] = [Figures([Figure("Runs", 7)]), Table("T", [Column("a")], [["x"]])]
    texts, facts = set(), set()
    for name, later in (("a", timedelta(0)), ("b", timedelta(days=3))):
        path = tmp_path / name
        write_pdf(document(*blocks, made_at=MADE_AT + later), path)
        texts.add(re.sub(r"Made \d+ Nov", "Made", text_of(path)))
        # Compressed, two words of one length may differ by a byte.
        facts.add(re.sub(r"(CreationDate|ModDate|File size): .*", "", said_by("pdfinfo", path)))
    assert len(texts) == len(facts) == 1


def test_the_same_document_gives_the_same_pdf_to_the_byte(tmp_path: Path) -> None:
    made = document(Table("T", [Column("a")], [["x"]]))
    for name in ("a", "b"):
        write_pdf(made, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_long_table_is_cut_and_the_pdf_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "MOST_ROWS", 10)
    path = tmp_path / "a.pdf"
    write_pdf(document(Table("T", [Column("a")], [[f"row {n}."] for n in range(1200)])), path)
    text = text_of(path)
    assert "row 9." in text
    assert "row 10." not in text
    assert "The first 10 of 1,200 rows; the whole table is in XLSX, CSV and JSON." in text


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
