"""Whether something that beat needs is away: told once when it begins and once when it ends."""

import time
from collections.abc import Callable

import structlog

logger = structlog.get_logger(__name__)


class Outage:
    """Counts the pauses between tries: each twice as long as the one before, up to a longest.

    `clock` is monotonic seconds. One thread uses it.
    """

    def __init__(
        self,
        what: str,
        shortest_seconds: float,
        longest_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.what = what
        self._shortest_seconds = shortest_seconds
        self._longest_seconds = longest_seconds
        self._clock = clock
        self._began_at: float | None = None
        self._next_try_at = 0.0
        self._pause_seconds = shortest_seconds

    @property
    def is_under_way(self) -> bool:
        """Whether it has begun and not ended."""
        return self._began_at is not None

    @property
    def may_try(self) -> bool:
        """Whether there is no outage, or its present pause is over."""
        return not self.is_under_way or self._clock() >= self._next_try_at

    def goes_on(self, problem: BaseException) -> float:
        """Return the seconds until the next try; warns when this is the first failure."""
        now = self._clock()
        if self._began_at is None:
            self._began_at = now
            self._pause_seconds = self._shortest_seconds
            logger.warning(f"{self.what} is away; beat waits for it", error=str(problem).strip())
        else:
            self._pause_seconds = min(self._pause_seconds * 2, self._longest_seconds)
        self._next_try_at = now + self._pause_seconds
        return self._pause_seconds

    def is_over(self, **facts: object) -> None:
        """Say how long it lasted; does nothing when there was none."""
        if self._began_at is None:
            return
        lasted_seconds = round(self._clock() - self._began_at, 1)
        self._began_at = None
        logger.info(f"{self.what} is back", outage_seconds=lasted_seconds, **facts)
