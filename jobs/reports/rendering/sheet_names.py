"""Names that a spreadsheet program accepts for its sheets. Pure."""

import re

FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
LONGEST = 31


def sheet_names(titles: list[str]) -> list[str]:
    """Return one name per title: 31 characters at most, none twice, even but for case."""
    names: list[str] = []
    for title in titles:
        # An apostrophe may stand anywhere but at the ends; "History" is reserved by Excel.
        name = FORBIDDEN.sub(" ", title)[:LONGEST].strip(" '") or "Table"
        if name.casefold() == "history":
            name = "History table"
        names.append(_unlike(names, name))
    return names


def _unlike(names: list[str], name: str) -> str:
    taken = {other.casefold() for other in names}
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        suffix = f" {number}"
        candidate = name[: LONGEST - len(suffix)] + suffix
    return candidate
