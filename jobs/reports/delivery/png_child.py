"""The process that draws one chart: an SVG on stdin, a PNG on stdout; its argument names fonts.

Mail programs show no SVG. It imports neither Django nor our contents, and it lives for one chart
only: typst (0.15) hangs in a process that was forked from one that had compiled.
"""

import sys

import typst

# Two pixels per point of the mail's 540: sharp on every screen.
PIXELS_PER_INCH = 144
PAGE = b"""
#set page(width: 540pt, height: auto, margin: 8pt, fill: white)
#image(bytes(sys.inputs.at("svg")), format: "svg", width: 100%)
"""


def main() -> int:
    """Write the picture of the SVG to stdout; on failure say why on stderr and return 1."""
    svg = sys.stdin.buffer.read().decode()
    try:
        # Its stubs want fonts of the type of the page, bytes; it takes paths all the same.
        png = typst.compile(  # type: ignore[call-overload]
            PAGE,
            format="png",
            ppi=PIXELS_PER_INCH,
            font_paths=sys.argv[1:],
            ignore_system_fonts=True,
            sys_inputs={"svg": svg},
        )
    except (RuntimeError, typst.TypstError) as problem:
        sys.stderr.write(str(problem))
        return 1
    sys.stdout.buffer.write(png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
