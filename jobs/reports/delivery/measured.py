"""The numbers of a version that gates and conditions look at. Pure."""

from dataclasses import dataclass, field

# The name under which the number of rows is meant.
ROWS = ""


@dataclass(frozen=True)
class Measured:
    """How many rows a version has (None: nobody counted), and its figures by name."""

    row_count: int | None = None
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Return whether it has tables, and all of them without a row."""
        return self.row_count == 0

    def number(self, name: str) -> float | None:
        """Return the figure called `name`, or the number of rows; None when it is not known."""
        return self.row_count if name == ROWS else self.figures.get(name)


def named(name: str) -> str:
    """Return what a sentence calls the number."""
    return f'"{name}"' if name else "The number of rows"


def written(number: float) -> str:
    """Return a number for a sentence: "1,234" or "12.5"."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")
