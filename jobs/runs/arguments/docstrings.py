"""What a docstring says to operators: the first paragraph, and a line for each parameter.

Both ways to describe parameters are read: a section "Args:" (Google's style guide, 3.8.3) and
`:param name:` (Sphinx, the Python domain).
"""

import inspect
import re
from dataclasses import dataclass, field

_SECTION = re.compile(r"(Args|Arguments|Parameters):\s*$")
_ENTRY = re.compile(r"\*{0,2}(?P<name>\w+)(?:\s*\([^)]*\))?\s*:\s*(?P<text>.*)$")
_FIELD = re.compile(r":param\s+(?:[^:]*?\s)?\*{0,2}(?P<name>\w+)\s*:\s*(?P<text>.*)$")


@dataclass(frozen=True)
class Documented:
    """The first paragraph as one line, and the description of each parameter by name."""

    summary: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def documented(docstring: str | None) -> Documented:
    """Return what the docstring says; nothing where there is none."""
    if not docstring:
        return Documented()
    lines = inspect.cleandoc(docstring).splitlines()
    return Documented(_summary(lines), _of_section(lines) | _of_fields(lines))


def _summary(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if not line.strip() or _SECTION.match(line) or line.startswith(":"):
            break
        paragraph.append(line.strip())
    return " ".join(paragraph)


def _of_section(lines: list[str]) -> dict[str, str]:
    """Return the entries of the section; what is indented deeper than its name goes on."""
    found: dict[str, str] = {}
    for entry in _entries(lines):
        match = _ENTRY.match(entry)
        if match:
            found[match["name"]] = match["text"].strip()
    return found


def _entries(lines: list[str]) -> list[str]:
    start = next((at for at, line in enumerate(lines, 1) if _SECTION.match(line)), len(lines))
    entries: list[str] = []
    indent = 0
    for line in lines[start:]:
        if not line.strip():
            continue
        depth = len(line) - len(line.lstrip())
        if depth == 0:
            break
        indent = indent or depth
        if depth > indent and entries:
            entries[-1] += " " + line.strip()
        else:
            entries.append(line.strip())
    return entries


def _of_fields(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = None
    for line in lines:
        match = _FIELD.match(line.strip())
        if match:
            name = match["name"]
            found[name] = match["text"].strip()
        elif name and line.startswith(" ") and line.strip():
            found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            name = None
    return found
