"""The signs of life that a worker's main process and its pool give each other.

They lie in memory that pool children inherit when they are forked. A pool whose children are
started otherwise ("spawn") does not have them.
"""

import time
from mmap import mmap
from uuid import UUID

# Counts while the machine is suspended too, unlike the monotonic clock; the same for all
# processes of a machine.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_HEARTBEAT, _POOL = 0, 1


def seconds_now() -> float:
    """Return the seconds since the machine was started."""
    return time.clock_gettime(_CLOCK)


class Signs:
    """Three values: the life's id, its last committed heartbeat, the pool's last sign.

    One process writes each value; a value of eight bytes is read and written as one.
    """

    def __init__(self) -> None:
        memory = memoryview(mmap(-1, 32))
        self._seconds = memory[:16].cast("d")
        self._id = memory[16:]

    @property
    def worker_id(self) -> UUID:
        """Return the id of the present life; it means something while the heartbeat is fresh."""
        return UUID(bytes=bytes(self._id))

    @property
    def heartbeat_seconds(self) -> float:
        """Return when the last heartbeat began that was committed; 0 before the first one."""
        return self._seconds[_HEARTBEAT]

    @property
    def pool_seconds(self) -> float:
        """Return when the pool last showed that it is alive; 0 when it never did."""
        return self._seconds[_POOL]

    def begin(self, worker_id: UUID) -> None:
        """Begin a life: nobody starts anything in it before its first heartbeat."""
        self._seconds[_HEARTBEAT] = 0.0
        self._id[:] = worker_id.bytes

    def heart_beat(self, began_seconds: float) -> None:
        """Note that a heartbeat is committed which began at this second."""
        self._seconds[_HEARTBEAT] = began_seconds

    def pool_lives(self) -> None:
        """Note a sign of life of the pool."""
        self._seconds[_POOL] = seconds_now()
