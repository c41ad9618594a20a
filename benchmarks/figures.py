"""What is worked out of measured values, and the Markdown tables that they are printed in."""

from collections.abc import Iterable, Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of the values do not exceed.

    This is the nearest rank: no value is made up between two. Raises ValueError without values.
    """
    if not values:
        raise ValueError("There are no values to take a percentile of.")
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[int(rank) - 1]


def lateness_in_order(
    arrived_at: Iterable[float], first_due_at: float, every_seconds: float, occurrences: int
) -> list[float]:
    """Return how late each message of a schedule was, in seconds, for at most `occurrences`.

    The first message counts against the first occurrence, the second against the second and so
    on, so that whoever leaves occurrences out falls behind.
    """
    counted = sorted(arrived_at)[:occurrences]
    return [at - (first_due_at + n * every_seconds) for n, at in enumerate(counted)]


def milliseconds(seconds: Sequence[float]) -> list[str]:
    """Return the cells of the median, the 99th percentile and the largest."""
    if not seconds:
        return ["none"] * 3
    chosen = (percentile(seconds, 50), percentile(seconds, 99), max(seconds))
    return [f"{value * 1000:,.0f} ms" for value in chosen]


def print_heading(*columns: str) -> None:
    """Print the head of a table; columns after a `|` hold numbers."""
    names = [column.removeprefix("|") for column in columns]
    lines = ["---:" if column.startswith("|") else "---" for column in columns]
    print(f"\n| {' | '.join(names)} |\n| {' | '.join(lines)} |", flush=True)


def print_row(*cells: object) -> None:
    """Print a row of a table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
