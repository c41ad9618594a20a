"""How texts and tables fit on paper: broken, lying, or in smaller letters. Pure."""

import re
from typing import Any
from unicodedata import east_asian_width

from jobs.reports.rendering.layout import LONG_WORDS

# The widths of A4 within its margins, in points, and the sizes of letters to be tried.
UPRIGHT, LYING = 482.0, 728.0
CHOICES = ((False, 9.0), (True, 9.0), (True, 7.5), (True, 6.0))
# The mean width of a character in parts of its size, on the safe side, and the room around a cell.
CHARACTER = 0.5
CELL_ROOM = 10.0
# The first rows tell; the others are seldom of another kind.
JUDGED_ROWS = 50

# Scripts without spaces are left out: they break by themselves, by rules of their own.
LONG_WORD = re.compile(f"[!-~\u00c0-\u024f\u0370-\u04ff]{{{LONG_WORDS},}}")
PIECE = re.compile("(.{10})(?=.)")
ZERO_WIDTH_SPACE = "\u200b"


def breakable(part: Any) -> Any:
    """Return texts, in lists and dicts, in which words that are too long may be broken."""
    match part:
        case str():
            return LONG_WORD.sub(_broken, part)
        case list():
            return [breakable(inner) for inner in part]
        case dict():
            return {name: breakable(inner) for name, inner in part.items()}
        case _:
            return part


def _broken(word: re.Match[str]) -> str:
    return PIECE.sub(rf"\1{ZERO_WIDTH_SPACE}", word[0])


def paper_for(part: dict[str, Any]) -> tuple[bool, float]:
    """Return whether a laid out table lies on the page, and the size of its letters in points.

    One that fits nowhere gets the smallest letters, and its long texts are broken.
    """
    characters = sum(_characters(part, at) for at in range(len(part["columns"])))
    room = CELL_ROOM * len(part["columns"])
    for lying, size in CHOICES:
        if characters * size * CHARACTER + room <= (LYING if lying else UPRIGHT):
            return lying, size
    return CHOICES[-1]


def _characters(part: dict[str, Any], at: int) -> int:
    """Return how many characters a column needs beside each other; long texts are broken."""
    texts = [row[at]["text"] for row in part["rows"][:JUDGED_ROWS]]
    label = part["columns"][at]["label"]
    longest = max(map(_breadth, [*texts, *label.split()]), default=0)
    return min(longest, LONG_WORDS)


def _breadth(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
