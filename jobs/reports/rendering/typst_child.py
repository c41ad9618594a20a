"""The process that makes one PDF: the document as JSON on stdin, the PDF on stdout.

It imports neither Django nor our contents, so that it starts at once, and it lives for one
document only: typst (0.15) hangs in a process that was forked from one that had compiled.
"""

import sys
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = Path(__file__).with_name("fonts")


def main() -> int:
    """Write the PDF of the document on stdin to stdout; on failure say why on stderr, return 1."""
    document = sys.stdin.buffer.read().decode()
    try:
        # Any file name in the template is looked up beside it and nowhere else.
        pdf = typst.compile(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            format="pdf",
            # With the fonts of the system two machines would make two different files.
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"document": document},
        )
    except (RuntimeError, typst.TypstError) as problem:
        sys.stderr.write(str(problem))
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
