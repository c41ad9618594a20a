"""What the next occurrence of a rule costs, and a year of them.

Run with `python -m benchmarks.occurrences`; it needs no server. One process, one core.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from beat.occurrences import Rule, crontab, interval, solar

REPEATS = 2000
START_AT = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ZONE = "Europe/Berlin"
LINES = ["* * * * *", "*/5 * * * *", "0 9 * * 1-5", "30 2 * * *", "0 3 1 * *", "0 0 29 2 *"]


def main() -> None:
    """Print both tables."""
    print("| the next occurrence of | mean | median | slowest |\n| --- | ---: | ---: | ---: |")
    for name, rule in rules().items():
        measure_next(name, rule)
    print("\n| a year | occurrences | listed | counted |\n| --- | ---: | ---: | ---: |")
    for line in LINES[:3]:
        measure_year(f"`{line}`", crontab(line, ZONE))
    measure_year("every 5 minutes (interval)", interval(5, "minutes", START_AT))


def rules() -> dict[str, Rule]:
    """Return the measured rules by name."""
    named: dict[str, Rule] = {f"`{line}`, {ZONE}": crontab(line, ZONE) for line in LINES}
    named["every 10 seconds (interval)"] = interval(10, "seconds", START_AT)
    named["sunset in Berlin (solar)"] = solar("sunset", 52.52, 13.4)
    return named


def measure_next(name: str, rule: Rule) -> None:
    """Print what `next` costs from instants spread over a year, changes of the clock included."""
    step = YEAR / REPEATS
    took = sorted(seconds_of(rule.next, START_AT + number * step) for number in range(REPEATS))
    mean, median, slowest = sum(took) / REPEATS, took[REPEATS // 2], took[-1]
    cells = [f"{seconds * 1e6:,.0f} µs" for seconds in (mean, median, slowest)]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def measure_year(name: str, rule: Rule) -> None:
    """Print what a year of occurrences costs."""
    until = START_AT + YEAR
    listed = seconds_of(lambda after: len(list(rule.between(after, until))), START_AT)
    counted = seconds_of(lambda after: rule.count_between(after, until), START_AT)
    count = rule.count_between(START_AT, until)
    print(f"| {name} | {count:,} | {listed * 1000:.1f} ms | {counted * 1000:.1f} ms |", flush=True)


def seconds_of(function: Callable[[datetime], object], after: datetime) -> float:
    """Return the CPU time of one call, which other programs of the machine do not touch."""
    began_at = time.thread_time()
    function(after)
    return time.thread_time() - began_at


if __name__ == "__main__":
    main()
