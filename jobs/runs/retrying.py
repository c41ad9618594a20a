"""The rule by which an attempt that failed is followed by another. Pure arithmetic.

A schedule's policy has one, kept on each of its runs, and a task may have one:

    @shared_task(retries=Retries(max_attempts=5, backoff_seconds=2, on=(OSError,)))

The run's own rule comes first. A run whose `max_attempts` is 1 has none of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

# A pause is up to so much of it shorter or longer: what failed together does not come together.
JITTER = 0.25
MOST_ATTEMPTS = 1_000
DAY_SECONDS = 86_400


class RetriesError(ValueError):
    """A rule cannot be meant so; the text says what to write instead."""


@dataclass(frozen=True)
class Retries:
    """So many attempts, the pause between them doubling from `backoff_seconds` up to the longest.

    `on` holds exceptions, or names of exceptions, that another attempt may help against: those
    and what is derived from them; empty means all.
    """

    max_attempts: int = 3
    backoff_seconds: int = 1
    longest_backoff_seconds: int = 3600
    on: tuple[type[BaseException] | str, ...] = ()

    def __post_init__(self) -> None:
        """Raise RetriesError when it cannot be meant so."""
        if not 1 <= self.max_attempts <= MOST_ATTEMPTS:
            raise RetriesError(f"max_attempts={self.max_attempts}: write 1 to {MOST_ATTEMPTS}.")
        for name in ("backoff_seconds", "longest_backoff_seconds"):
            if not 0 <= getattr(self, name) <= DAY_SECONDS:
                raise RetriesError(f"{name}={getattr(self, name)}: write 0 to {DAY_SECONDS}.")

    def allows(self, failures: int, problem: BaseException) -> bool:
        """Return whether another attempt follows; `failures` counts this one too."""
        return failures < self.max_attempts and is_among(problem, self.on)

    def next_publish_at(self, run_id: UUID, failures: int, now: datetime) -> datetime:
        """Return when the attempt after so many failures may be published."""
        return now + timedelta(seconds=self.pause_seconds(run_id, failures))

    def pause_seconds(self, run_id: UUID, failures: int) -> float:
        """Return the pause after so many failures; the same for all who ask about this run."""
        # Beyond 2 ** 17 a second is more than a day.
        doubled: int = self.backoff_seconds * 2 ** min(failures - 1, 17)
        pause = min(doubled, self.longest_backoff_seconds)
        return pause * (1 + JITTER * (2 * _share(run_id, failures) - 1))


def is_among(problem: BaseException, kinds: Iterable[type[BaseException] | str]) -> bool:
    """Return whether the error is of one of the kinds; of any where there are none.

    A name may be short ("OSError") or in full ("requests.exceptions.Timeout"); one that nobody
    knows matches nothing.
    """
    names = {_name(kind) for kind in kinds}
    if not names:
        return True
    return any(names & {kind.__name__, _full_name(kind)} for kind in type(problem).__mro__)


def names_of(kinds: Iterable[type[BaseException] | str]) -> list[str]:
    """Return the kinds as the ledger keeps them."""
    return [_name(kind) for kind in kinds]


def _name(kind: type[BaseException] | str) -> str:
    return kind.strip() if isinstance(kind, str) else _full_name(kind)


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _share(run_id: UUID, failures: int) -> float:
    """Return a number from 0 to 1 that looks like chance."""
    digest = sha256(f"{run_id} {failures}".encode()).digest()
    return int.from_bytes(digest[:4]) / 0xFFFF_FFFF
