"""The rules of a policy that decide what becomes of an occurrence, as plain values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

NO_TIME = timedelta(0)


@dataclass(frozen=True)
class PolicyRules:
    """A schedule's policy; the defaults are those of a schedule without one."""

    schedule_id: int
    catch_up: str = "latest"
    catch_up_window: timedelta = timedelta(days=1)
    catch_up_limit: int = 100
    catch_up_pace: timedelta = timedelta(seconds=1)
    jitter_seconds: int = 0
    is_paused: bool = False
    # None while paused: until somebody resumes it.
    paused_until: datetime | None = None
    pause_reason: str = ""
    # Says why an instant is not due by the calendar, or "".
    excludes: Callable[[datetime], str] | None = None

    def pauses(self, instant: datetime) -> bool:
        """Return whether an occurrence falls into the pause."""
        return self.is_paused and (self.paused_until is None or instant < self.paused_until)

    def why_excluded(self, instant: datetime) -> str:
        """Return why the calendar excludes an instant, or ""."""
        return self.excludes(instant) if self.excludes else ""

    def jitter(self, due_at: datetime) -> timedelta:
        """Return how much later than due to publish: the same for every beat and process."""
        if not self.jitter_seconds:
            return NO_TIME
        text = f"{self.schedule_id} {due_at.astimezone(UTC).isoformat()}"
        number = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
        return timedelta(milliseconds=number % (self.jitter_seconds * 1000 + 1))
