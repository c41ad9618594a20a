"""What a beat costs while nothing is due: CPU, memory, and how soon it ticks after its start.

All schedules are due in a year. Linux only: the figures of the process are read from /proc.
"""

import os
import time
from argparse import Namespace
from pathlib import Path

from beat.process.tick import COMPARE_BATCH
from beat.reconcile.comparing import FIRST_BATCHES_EVERY
from benchmarks.contenders import AN_HOUR_SECONDS, CONTENDERS, PUNCTUAL, REDBEAT, Beats, Contender
from benchmarks.figures import print_heading, print_row
from benchmarks.schedules import (
    Interval,
    add_yearly,
    compute_timers,
    copy_timer,
    define_for_redbeat,
    empty,
)
from benchmarks.stage import say

A_YEAR_SECONDS = 365 * 24 * AN_HOUR_SECONDS
SETTLING_SECONDS = 10.0
# Above this the timers are copied by SQL.
COMPUTED_AT_MOST = 100_000
BYTES_PER_MEBIBYTE = 2**20


def measure(database: str, options: Namespace) -> None:
    """Print a line for each number of timers and scheduler."""
    print(f"\nNothing is due for a year, {database}:")
    print_heading(
        "scheduler",
        "|timers",
        "|computing all timers",
        "|first tick",
        "|CPU while it settles",
        "|CPU",
        "|resident memory",
    )
    for count in options.timers:
        for contender in CONTENDERS:
            if contender is PUNCTUAL or count <= options.others_at_most:
                say(f"{contender.name}: {count:,} timers")
                measure_one(contender, count, options.seconds)


def measure_one(contender: Contender, count: int, seconds: float) -> None:
    """Print the line of one measurement."""
    computing = set_up_yearly(contender, count)
    with Beats(contender) as started:
        try:
            first_tick = started.wait_for_first_ticks()
        except TimeoutError:
            print_row(contender.name, f"{count:,}", computing, "gave up", "", "", "")
            return
        settling = cpu_share(started.pid, seconds_to_settle(contender, count))
        share = cpu_share(started.pid, seconds)
        memory = f"{resident_bytes(started.pid) / BYTES_PER_MEBIBYTE:.1f} MiB"
    figures = (f"{first_tick:.2f} s", f"{settling:.2%}", f"{share:.2%}", memory)
    print_row(contender.name, f"{count:,}", computing, *figures)


def set_up_yearly(contender: Contender, count: int) -> str:
    """Replace all schedules; return how long computing Punctual's timers took, as a cell."""
    empty()
    if contender is REDBEAT:
        due_at = time.time() + A_YEAR_SECONDS
        define_for_redbeat(Interval(A_YEAR_SECONDS, [due_at] * count))
        contender.announce()
        return ""
    first = add_yearly(count)
    contender.announce()
    if contender is not PUNCTUAL:
        return ""
    if count > COMPUTED_AT_MOST:
        copy_timer(first)
        return "copied"
    return f"{compute_timers():.1f} s"


def seconds_to_settle(contender: Contender, count: int) -> float:
    """Return how long the start takes; Punctual compares all schedules with their timers once."""
    if contender is not PUNCTUAL:
        return SETTLING_SECONDS
    batches = count / COMPARE_BATCH + 1
    # Each batch comes with a tick, and ticks are a little further apart than batches.
    return SETTLING_SECONDS + 2 * batches * FIRST_BATCHES_EVERY.total_seconds()


def cpu_share(pid: int, seconds: float) -> float:
    """Return the share of one core that the process uses over the next seconds."""
    before, began_at = cpu_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.perf_counter() - began_at)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, its own and the kernel's for it (proc(5): stat)."""
    # The second field is the program's name in brackets, which may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user_ticks, kernel_ticks = fields[11:13]
    return (int(user_ticks) + int(kernel_ticks)) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the memory of a process that is in RAM (proc(5): statm)."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
