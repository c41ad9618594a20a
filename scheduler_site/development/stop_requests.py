"""Ctrl-C and its relatives, counted instead of raised in the middle of something."""

import signal
import threading
from types import FrameType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818 - not an error: a person asked for it
    """The start was ended by a request to stop."""


class StopRequests:
    """Counts SIGINT, SIGTERM and SIGHUP from its making to the end of the block."""

    def __init__(self) -> None:
        self.count = 0
        self._arrived = threading.Event()

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number in SIGNALS:
            signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Wait until somebody asks to stop, `seconds` at the most; return whether somebody did."""
        return self._arrived.wait(seconds)

    def check(self) -> None:
        """Raise Stopped when somebody asked to stop."""
        if self.count:
            raise Stopped

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self._arrived.set()
