"""One pass of the scheduler: reconcile, claim, publish, rescue, and how long to sleep then.

Each step is a short transaction of its own and is caught on its own: what goes wrong in one is
logged and keeps no other from its work.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from celery import Celery
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from beat.backfills.going_on import go_on
from beat.claim.claiming import Claimed, claim, write_back
from beat.code_schedules.storing import store_code_schedules
from beat.process.every import Every
from beat.process.outage import Outage
from beat.process.progress import Progress
from beat.process.waiting import Waiting, look, runs_that_wait
from beat.publish.broker import BrokerAwayError
from beat.publish.publishing import publish
from beat.publish.rescue import rescue
from beat.reconcile.comparing import Comparison
from beat.reconcile.reconciling import reconcile
from beat.rescue.rounds import Rounds

logger = structlog.get_logger(__name__)

BATCH = 10_000
# So many claims may wait for their counts to be written while more is due.
MOST_UNWRITTEN = 20
# Fewer: what is due must not wait for ten thousand edits.
RECONCILE_BATCH = 1_000
COMPARE_BATCH = 2_000
LONGEST_SLEEP_SECONDS = 0.5
# Timers that fall due one after the other are taken together rather than one by one.
SHORTEST_SLEEP_SECONDS = 0.02
RESCUE_EVERY = timedelta(seconds=5)
STORE_AGAIN_AFTER = timedelta(minutes=1)
BACKFILL_EVERY = timedelta(seconds=1)
DATABASE_PAUSES_SECONDS = (0.5, 10.0)
BROKER_PAUSES_SECONDS = (1.0, 2.0)


class DatabaseAwayError(Exception):
    """The database cannot be reached, so that no step can do anything."""


class Ticker:
    """The steps of one beat. `clock` tells the time, `on_progress` hears of every step's end."""

    def __init__(
        self,
        app: Celery,
        name: str,
        on_progress: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._app = app
        self._name = name
        self._on_progress = on_progress
        self._clock = clock
        self._progress = Progress(name, clock())
        self._database = Outage("the database", *DATABASE_PAUSES_SECONDS)
        self._broker = Outage("the broker", *BROKER_PAUSES_SECONDS)
        self._claimed = Claimed()
        self._unwritten: deque[Claimed] = deque()
        self._is_code_stored = False
        self._code = Every(STORE_AGAIN_AFTER)
        self._rescue = Every(RESCUE_EVERY)
        self._backfills = Every(BACKFILL_EVERY)
        self._comparison = Comparison()
        self._rounds = Rounds(app, timedelta(seconds=settings.WORKER_LEASE_SECONDS))
        self._silent = Every(self._rounds.pause)
        self._vanished = Every(self._rounds.pause)

    def tick(self) -> float:
        """Do one pass; return the seconds to sleep until the next."""
        try:
            has_more, waiting = self._work()
            seconds = 0.0 if has_more else self._seconds_to_sleep(waiting)
        except DatabaseAwayError as problem:
            return self._database.goes_on(problem)
        self._database.is_over()
        return seconds

    def _work(self) -> tuple[bool, Waiting | None]:
        """Take every step that has something to do.

        Return whether one of them left work behind for want of room, and what waits by now as far
        as that is known: None after a step that has changed it.
        """
        if not self._is_code_stored:
            self._at_times("store the code's schedules", self._code, self._store_code)
        seen = self._look()
        reconciled = self._reconcile(seen or self._everything())
        if reconciled:
            seen = self._look()
        waiting = seen or self._everything()
        claimed = self._claim(waiting)
        if waiting.has_backfills:
            self._at_times("go on with backfills", self._backfills, lambda: go_on(self._clock()))
        published = self._step("publish", lambda: self._publish(waiting, claimed))
        self._look_after_others()
        has_more = reconciled >= RECONCILE_BATCH or claimed >= BATCH or published >= BATCH
        self._write_down(has_more)
        is_unchanged = not (claimed or published or waiting.has_backfills)
        return has_more, seen if is_unchanged else None

    def _look(self) -> Waiting | None:
        """Return what waits, or None where it cannot be told."""
        seen: list[Waiting] = []
        self._step("look what waits", lambda: seen.append(look(self._clock())))
        return seen[0] if seen else None

    def _everything(self) -> Waiting:
        """Return what makes a tick take all steps."""
        return Waiting(True, self._clock(), True, None, True)

    def _reconcile(self, waiting: Waiting) -> int:
        if not waiting.has_stale_timers:
            return 0
        return self._step("reconcile", lambda: reconcile(self._clock(), RECONCILE_BATCH))

    def _look_after_others(self) -> None:
        """Bring back what dead beats and workers and a forgetful broker have lost."""
        self._at_times("rescue", self._rescue, self._bring_back)
        self._at_times("rescue silent workers' runs", self._silent, self._rounds.silent)
        self._at_times("rescue vanished messages", self._vanished, self._send_vanished)

    def _write_down(self, has_more: bool) -> None:
        """Write what can wait; what is due goes first, but not under a load that never ends."""
        if not has_more or len(self._unwritten) >= MOST_UNWRITTEN:
            self._step("write back", self._write_back)
        if not has_more:
            self._step("compare", self._compare)
        self._step("write progress", lambda: self._progress.write(self._clock()))

    def _claim(self, waiting: Waiting) -> int:
        if waiting.is_due(self._clock()):
            return self._step("claim", self._claim_due)
        self._progress.claimed(0, self._clock())
        return 0

    def _claim_due(self) -> int:
        claimed = claim(self._clock(), BATCH, self._name)
        self._progress.claimed(claimed.timers, self._clock())
        self._claimed = claimed
        if claimed.timers:
            self._unwritten.append(claimed)
        return claimed.timers

    def _write_back(self) -> int:
        """Tell the schedules that they ran; after publishing, since nothing waits for it."""
        for _ in range(len(self._unwritten)):
            rest = write_back(self._unwritten[0], self._clock())
            self._unwritten.popleft()
            # Schedules that somebody edits at this moment are left for the next tick.
            if rest.run_counts or rest.done:
                self._unwritten.append(rest)
        return 0

    def _publish(self, waiting: Waiting, claimed: int) -> int:
        """Hand over what is due; while the broker is away only look for it now and then."""
        if not self._broker.may_try:
            return 0
        may_wait = waiting.has_runs or claimed or waiting.has_backfills
        if not self._broker.is_under_way and not may_wait:
            self._progress.published(0, self._clock())
            return 0
        waited = runs_that_wait(self._clock()) if self._broker.is_under_way else 0
        held, self._claimed = self._claimed.held(self._clock()), Claimed()
        # Where nothing waited before the claim, its runs are all that there is.
        only_held = bool(held) and not (waiting.has_runs or waiting.has_backfills)
        published = publish(self._app, self._clock(), BATCH, self._name, held, only_held=only_held)
        self._broker.is_over(runs_that_waited=waited)
        self._progress.published(published, self._clock())
        return published

    def _bring_back(self) -> int:
        if self._broker.is_under_way:
            return 0
        return rescue(self._app, self._clock())

    def _send_vanished(self) -> int:
        if self._broker.is_under_way:
            return 0
        return self._rounds.vanished(self._clock())

    def _compare(self) -> int:
        return self._comparison.go_on(self._clock(), COMPARE_BATCH)

    def _store_code(self) -> int:
        changed = store_code_schedules(self._app)
        self._is_code_stored = True
        return changed

    def _at_times(self, name: str, times: Every, work: Callable[[], int]) -> None:
        if times.has_come(self._clock()):
            self._step(name, work)
            times.is_done(self._clock())

    def _step(self, name: str, work: Callable[[], int | None]) -> int:
        """Return what `work` returns, or 0 when it failed; raises DatabaseAwayError only."""
        try:
            return work() or 0
        except DatabaseAwayError:
            raise
        except BrokerAwayError as problem:
            self._broker.goes_on(problem)
        except (OperationalError, InterfaceError) as problem:
            require_database(problem)
            logger.warning("a step failed and is tried again", step=name, error=str(problem))
        except Exception:
            logger.exception("a step failed, which it never should; the others go on", step=name)
        finally:
            self._on_progress()
        return 0

    def _seconds_to_sleep(self, waiting: Waiting | None) -> float:
        waiting = waiting or self._look()
        if waiting is None:
            return LONGEST_SLEEP_SECONDS
        due = waiting.seconds_until_due(self._clock())
        return min(max(due, SHORTEST_SLEEP_SECONDS), LONGEST_SLEEP_SECONDS)


def require_database(problem: Exception) -> None:
    """Open a new connection; raises DatabaseAwayError when there is none to be had.

    An operational error may also be a deadlock or a lock that took too long: then this succeeds.
    """
    connection.close()
    try:
        connection.ensure_connection()
    except Error:
        raise DatabaseAwayError(problem) from problem
