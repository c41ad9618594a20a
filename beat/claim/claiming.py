"""Claim: turn what is due into runs, and set each timer to its next instant.

One short transaction that holds locks on timers only. Any number of beats may claim at the same
time: on PostgreSQL each takes other timers, on SQLite one after the other. Should two come to one
occurrence all the same (a clock that was set back, an edit), the run's identity stops the second.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from beat.claim import statements
from beat.claim.due_timers import Outcome, judge
from beat.claim.run_rows import RunRow, leased_runs, rests_of_spans, run_rows
from jobs.runs.publishing import LEASE, Outgoing
from jobs.runs.states import State


@dataclass(frozen=True)
class Claimed:
    """What one claim took: how many timers, the runs to publish at once, and what to count.

    `to_publish` are the runs that this beat alone may hand over until their lease ends; they are
    in the ledger, and whoever publishes need not read them again. `run_counts` says how many runs
    each schedule got, `done` which one-offs are over. The schedules learn of both afterwards, by
    `write_back`.
    """

    timers: int = 0
    leased_until: datetime | None = None
    to_publish: list[Outgoing] = field(default_factory=list)
    run_counts: dict[int, int] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)

    def held(self, now: datetime) -> list[Outgoing]:
        """Return the runs to publish, or none once another beat may have them."""
        is_ours = self.leased_until is not None and now < self.leased_until
        return self.to_publish if is_ours else []


def claim(
    now: datetime, limit: int, beat_name: str, schedule_ids: Collection[int] | None = None
) -> Claimed:
    """Take at most `limit` due timers and write their runs; return what was taken.

    With `schedule_ids` only those of these schedules. One whose definition is broken is set aside
    with its reason; it never raises for one.
    """
    with transaction.atomic():
        timers = statements.lock_due_timers(now, limit, schedule_ids)
        if not timers:
            return Claimed()
        outcomes = judge(timers, now)
        inserted = _write(outcomes, now, beat_name)
    return Claimed(
        timers=len(timers),
        leased_until=now + LEASE,
        to_publish=leased_runs(inserted, outcomes),
        run_counts=Counter(row.schedule_id for row in inserted if row.state == State.PENDING),
        done=[outcome.timer.schedule_id for outcome in outcomes if outcome.is_done],
    )


def _write(outcomes: list[Outcome], now: datetime, beat_name: str) -> list[RunRow]:
    """Write what was decided; return the rows that are new in the ledger."""
    extended = statements.extend_last_skipped(outcomes)
    rows = run_rows(outcomes, extended, now, beat_name)
    inserted = statements.insert_runs(rows)
    if len(inserted) < len(rows):
        statements.insert_runs(list(rests_of_spans(rows, inserted, outcomes)))
    statements.move_timers(outcomes)
    return inserted


def write_back(claimed: Claimed, now: datetime) -> Claimed:
    """Count the claimed runs on their schedules and disable one-offs that are done.

    Returns what could not be written, because somebody holds those schedules' rows: give it to
    the next call. Only these columns are written, so that no edit of an operator is lost.

    Weakness: a beat that is killed between claim and this leaves the counts too small.
    """
    if not claimed.run_counts and not claimed.done:
        return Claimed()
    with transaction.atomic():
        free = statements.lock_schedules({*claimed.run_counts, *claimed.done})
        counts = {key: count for key, count in claimed.run_counts.items() if key in free}
        statements.count_runs(counts, now)
        statements.disable_done([key for key in claimed.done if key in free])
    return Claimed(
        run_counts={key: n for key, n in claimed.run_counts.items() if key not in free},
        done=[key for key in claimed.done if key not in free],
    )
