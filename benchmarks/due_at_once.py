"""How long until the last message of many occurrences due at one instant is in Redis.

The schedules are defined and loaded beforehand and the beats are warm; the clock runs from the
instant at which all are due until the queue is as long as they are many.
"""

import time
from argparse import Namespace

from benchmarks.contenders import (
    AN_HOUR_SECONDS,
    PUNCTUAL,
    REDBEAT,
    STOCK,
    Beats,
    Contender,
    seconds_to_get_ready,
    set_up,
)
from benchmarks.figures import print_heading, print_row
from benchmarks.messages import QUEUE, seen_at
from benchmarks.schedules import Interval
from benchmarks.stage import POSTGRESQL, say

GIVE_UP_AFTER_SECONDS = 900


def measure(database: str, options: Namespace) -> None:
    """Print a line for each scheduler, number of beats and number of occurrences."""
    print_heading("database", "scheduler", "|beats", "|occurrences", "|seconds", "|per second")
    for count in options.occurrences:
        for beats in (1, 2):
            measure_one(database, PUNCTUAL, beats, count)
    measure_one(database, STOCK, 1, options.stock)
    if database == POSTGRESQL:  # redbeat uses Redis only.
        measure_one("none", REDBEAT, 1, options.redbeat)


def measure_one(database: str, contender: Contender, beats: int, count: int) -> None:
    """Print the line of one measurement."""
    say(f"{contender.name}, {beats} beat(s), {count:,} occurrences at once on {database}")
    seconds = seconds_until_sent(contender, beats, count)
    if seconds is None:
        print_row(database, contender.name, beats, f"{count:,}", "gave up", "")
        return
    speed = f"{count / seconds:,.0f}"
    print_row(database, contender.name, beats, f"{count:,}", f"{seconds:.2f}", speed)


def seconds_until_sent(contender: Contender, beats: int, count: int) -> float | None:
    """Return the seconds from the due instant until the last message is in Redis.

    None when that takes more than a quarter of an hour. Raises RuntimeError when the schedules
    were due before the scheduler had read them.
    """
    due_at = float(int(time.time() + seconds_to_get_ready(contender, count)))
    set_up(contender, Interval(AN_HOUR_SECONDS, [due_at] * count))
    with Beats(contender, beats) as started:
        started.wait_until_ready()
        if time.time() > due_at:
            raise RuntimeError(f"{contender.name} was not ready in time; leave it more.")
        sent_at = seen_at(count, QUEUE, due_at + GIVE_UP_AFTER_SECONDS, started.check)
    return None if sent_at is None else sent_at - due_at
