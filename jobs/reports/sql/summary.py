"""The sentence that sums up an SQL report: a text with places for numbers. Pure."""

import re
from collections.abc import Callable

from jobs.reports.sql.calculations import Calculation
from jobs.reports.sql.errors import QueryError

PLACE = re.compile(r"\{([^{}]*)\}")
ROWS = "rows"
# {sum:amount}: what is made of which column.
CALCULATED = re.compile(rf"({'|'.join(Calculation)}):(.+)")
DEFAULT = "Rows: {rows}."


def places_of(summary: str) -> list[tuple[Calculation, str]]:
    """Return the calculations, with their columns; raise QueryError for a place of another form."""
    found = []
    for place in PLACE.findall(summary):
        calculated = CALCULATED.fullmatch(place)
        if calculated is not None:
            found.append((Calculation(calculated[1]), calculated[2]))
        elif place != ROWS:
            raise QueryError(
                f"The summary holds {{{place}}}. Write {{rows}}, or what is made of a column: "
                "{sum:amount}."
            )
    return found


def filled_in(summary: str, rows: str, value: Callable[[Calculation, str], str]) -> str:
    """Return the sentence with its numbers; `value` gives the text of a calculation."""

    def text(place: re.Match[str]) -> str:
        calculated = CALCULATED.fullmatch(place[1])
        return rows if calculated is None else value(Calculation(calculated[1]), calculated[2])

    return PLACE.sub(text, summary or DEFAULT)
