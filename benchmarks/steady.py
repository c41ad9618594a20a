"""Many schedules of one short interval for minutes: is each occurrence sent, and how late?

Their phases are spread over the interval, so that the load is even. A plain Redis client takes
each message from the queue the moment it arrives. Runs stay unexecuted: the policy allows overlap.
"""

import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from benchmarks.contenders import (
    CONTENDERS,
    PUNCTUAL,
    Beats,
    Contender,
    seconds_to_get_ready,
    set_up,
)
from benchmarks.figures import lateness_in_order, milliseconds, print_heading, print_row
from benchmarks.messages import Arrival, arrivals
from benchmarks.schedules import Interval
from benchmarks.stage import say

# What comes later than this after the last occurrence counts as not sent.
WAIT_AFTERWARDS_SECONDS = 15


def measure(database: str, options: Namespace) -> None:
    """Print a line for each scheduler."""
    rounds = int(options.minutes * 60 / options.every)
    print(f"\n{options.schedules:,} schedules every {options.every} s, {rounds} times, {database}:")
    print_heading("scheduler", "|sent", "|sent twice", "|p50 late", "|p99 late", "|latest")
    for contender in CONTENDERS:
        say(f"{contender.name}: {options.schedules:,} schedules for {options.minutes:g} min")
        measure_one(contender, options.schedules, options.every, rounds)


def measure_one(contender: Contender, schedules: int, every_seconds: int, rounds: int) -> None:
    """Print the line of one scheduler."""
    start_at = float(int(time.time() + seconds_to_get_ready(contender, schedules)))
    step = every_seconds / schedules
    interval = Interval(every_seconds, [start_at + n * step for n in range(schedules)])
    set_up(contender, interval)
    until = start_at + rounds * every_seconds
    with Beats(contender) as started:
        started.wait_until_ready()
        if time.time() > start_at:
            raise RuntimeError(f"{contender.name} was not ready in time; leave it more.")
        taken = arrivals(until + WAIT_AFTERWARDS_SECONDS, started.check)
        judge = late_of_due_at if contender is PUNCTUAL else late_in_order
        late, twice = judge(taken, interval, rounds)
    print_line(contender, late, twice, schedules * rounds)


def print_line(contender: Contender, late: list[float], twice: str, expected: int) -> None:
    """Print the share that was sent and how late."""
    sent = f"{len(late):,} of {expected:,} ({len(late) / expected:.1%})"
    print_row(contender.name, sent, twice, *milliseconds(late))


def late_of_due_at(
    taken: Iterable[Arrival], interval: Interval, rounds: int
) -> tuple[list[float], str]:
    """Return how late each occurrence was, and how many came twice: messages name their instant."""
    late: dict[float, float] = {}
    twice = 0
    until = interval.first_due_at[0] + rounds * interval.every_seconds
    for arrival in taken:
        due_at = datetime.fromisoformat(arrival.headers["punctual_due_at"]).timestamp()
        if due_at >= until:
            continue
        twice += due_at in late
        late.setdefault(due_at, arrival.at - due_at)
    return list(late.values()), str(twice)


def late_in_order(
    taken: Iterable[Arrival], interval: Interval, rounds: int
) -> tuple[list[float], str]:
    """Return how late each message was, counted per schedule; none tells its instant."""
    arrived_at: defaultdict[str, list[float]] = defaultdict(list)
    for arrival in taken:
        arrived_at[arrival.name].append(arrival.at)
    late: list[float] = []
    for name, first_due_at in interval.named():
        every = interval.every_seconds
        late += lateness_in_order(arrived_at[name], first_due_at, every, rounds)
    return late, "unknown"
