"""Asking typst, which works in a process of its own."""

import subprocess
import sys
from pathlib import Path

# Not imported: every process would read typst at its start, which only this child needs.
CHILD = Path(__file__).with_name("typst_child.py")
WORDS_KEPT = 2_000


class TypstFailedError(Exception):
    """typst made nothing; the message is what it said, or that it took too long."""


def made_by_typst(kind: str, source: str, timeout_seconds: float) -> bytes:
    """Return the file of this kind ("pdf", "png") that typst makes of `source`.

    Raises TypstFailedError. The child is run by its file, without the package: it needs typst and
    nothing of ours.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-P", CHILD, kind],
            input=source.encode(),
            capture_output=True,
            check=False,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired:
        raise TypstFailedError(f"It was not ready after {timeout_seconds} seconds.") from None
    if child.returncode != 0:
        raise TypstFailedError(child.stderr.decode(errors="replace")[-WORDS_KEPT:])
    return child.stdout
