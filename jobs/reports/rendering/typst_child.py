"""The process that draws one thing with typst: its source on stdin, the file on stdout.

Its argument says what: "pdf" makes the PDF of a document (JSON), "png" the picture of an SVG. It
imports neither Django nor our contents, so that it starts at once, and it lives for one file only:
typst (0.15) hangs in a process that was forked from one that had compiled.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("report.typ")
# With the fonts of the system two machines would make two different files.
FONTS = str(Path(__file__).with_name("fonts"))
# Two pixels per point of a mail's 540: sharp on every screen.
PIXELS_PER_INCH = 144
PICTURE = b"""
#set page(width: 540pt, height: auto, margin: 8pt, fill: white)
#image(bytes(sys.inputs.at("svg")), format: "svg", width: 100%)
"""


def pdf(document: str) -> bytes:
    """Return the document as PDF for archives (PDF/A-2a) and screen readers (PDF/UA-1).

    Neither allows a character that no font has: a document with one is an ordinary tagged PDF.
    The second try is short, since typst keeps what it has laid out.
    """
    try:
        return _compiled(document, is_strict=True)
    except typst.TypstError:
        # What is wrong with the document itself is told by the second try.
        return _compiled(document, is_strict=False)


def _compiled(document: str, *, is_strict: bool) -> bytes:
    # Any file name in the template is looked up beside it and nowhere else.
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"document": document},
        pdf_standards=["1.7", "a-2a", "ua-1"] if is_strict else [],
    )


def png(svg: str) -> bytes:
    """Return the picture on white."""
    # Its stubs want fonts of the type of the page, bytes; it takes paths all the same.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        PICTURE,
        format="png",
        ppi=PIXELS_PER_INCH,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"svg": svg},
    )
    return made


MAKERS: dict[str, Callable[[str], bytes]] = {"pdf": pdf, "png": png}


def main() -> int:
    """Write the file to stdout; on failure say why on stderr and return 1."""
    source = sys.stdin.buffer.read().decode()
    try:
        made = MAKERS[sys.argv[1]](source)
    except (RuntimeError, typst.TypstError) as problem:
        sys.stderr.write(str(problem))
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
