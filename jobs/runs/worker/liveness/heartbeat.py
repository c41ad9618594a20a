"""The heartbeat of a worker: a thread of its main process with a database connection of its own."""

import threading
from uuid import UUID, uuid4

import structlog
from django.db import DatabaseError, InterfaceError, connection

from jobs.runs.worker.database.forking import database_work
from jobs.runs.worker.liveness.executions import Executions
from jobs.runs.worker.liveness.fence import Fence
from jobs.runs.worker.liveness.own_row import OwnRow
from jobs.runs.worker.liveness.shutdown import Shutdown
from jobs.runs.worker.liveness.signs import seconds_now
from jobs.runs.worker.liveness.strays import Strays

BEATS_PER_LEASE = 6
LONGEST_PAUSE_SECONDS = 5.0
JOIN_SECONDS = 5.0

logger = structlog.get_logger(__name__)


class Heartbeat:
    """Beats from `start` to `end`; errors make it try again, none makes it stop."""

    def __init__(
        self, row: OwnRow, fence: Fence, shutdown: Shutdown, executions: Executions
    ) -> None:
        self._row = row
        self._fence = fence
        self._shutdown = shutdown
        self._executions = executions
        self._strays = Strays(fence.lease_seconds)
        self._worker_id: UUID | None = None
        self._failing_since_seconds: float | None = None
        self._wake = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._go_on, name="Heartbeat", daemon=True)
        self._pause_seconds = min(fence.lease_seconds / BEATS_PER_LEASE, LONGEST_PAUSE_SECONDS)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def hurry(self) -> None:
        """Beat now; may be called by a signal handler."""
        self._wake.set()

    def end(self) -> UUID | None:
        """Beat no more; return the id of the last life, None when it has none."""
        self._is_over = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)
        return self._worker_id

    def beat(self) -> None:
        """Write one heartbeat, in a new life where the former one is over; raise DatabaseError.

        The second that counts is the one before the database's clock is read: so the fence
        never closes later than rescue believes.
        """
        began_seconds = seconds_now()
        if not self._goes_on():
            self._begin()
        self._fence.signs.heart_beat(began_seconds)

    def _goes_on(self) -> bool:
        """Return whether the heartbeat was written into the present life."""
        if self._worker_id is None or not self._fence.is_open():
            return False
        return self._row.beat(self._worker_id, self._shutdown.asked_at)

    def _begin(self) -> None:
        """Begin a life; what runs in the former one ends, for rescue takes it from now on."""
        former, worker_id = self._worker_id, uuid4()
        # First of all: nobody may start anything in the former life any more.
        self._fence.signs.begin(worker_id)
        if former is not None:
            logger.error("worker was silent for too long and begins anew", former=str(former))
            self._executions.kill()
            self._row.end(former)
        self._worker_id = None
        self._row.insert(worker_id)
        self._worker_id = worker_id

    def _go_on(self) -> None:
        while not self._is_over:
            self._beat_or_tell()
            if self._shutdown.is_grace_over():
                with database_work():
                    self._shutdown.hand_back(self._worker_id)
            self._wake.wait(self._shutdown.seconds_until_grace_is_over(self._pause_seconds))
            self._wake.clear()
        connection.close()

    def _beat_or_tell(self) -> None:
        try:
            with database_work():
                self.beat()
                if self._worker_id is not None:
                    self._strays.look(self._worker_id)
        except (DatabaseError, InterfaceError) as problem:
            self._tell_of_outage(problem)
            connection.close()
        except Exception:
            logger.exception("a heartbeat failed, which it never should; the next one is tried")
            connection.close()
        else:
            self._tell_of_return()

    def _tell_of_outage(self, problem: Exception) -> None:
        if self._failing_since_seconds is None:
            self._failing_since_seconds = seconds_now()
            logger.warning("no heartbeat: the database is away", error=str(problem).strip())

    def _tell_of_return(self) -> None:
        if self._failing_since_seconds is not None:
            outage_seconds = round(seconds_now() - self._failing_since_seconds, 1)
            self._failing_since_seconds = None
            logger.info("the heart beats again", outage_seconds=outage_seconds)
