"""Something that is done again and again, a fixed time apart."""

from datetime import datetime, timedelta


class Every:
    """Remembers when something was done last."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval
        self._done_at: datetime | None = None

    def has_come(self, now: datetime) -> bool:
        """Return whether it is time; a clock that was set back does not delay it."""
        return self._done_at is None or abs(now - self._done_at) >= self._interval

    def is_done(self, now: datetime) -> None:
        """Remember it."""
        self._done_at = now
