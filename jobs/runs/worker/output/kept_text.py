"""The end of a text that may grow without bound. Pure, apart from its lock."""

from threading import RLock

from jobs.runs.texts import storable

KEPT_BYTES = 65_536
NEWLINE = b"\n"
# In UTF-8 every byte of a character but its first one is 10xxxxxx.
CONTINUATION_MASK, CONTINUATION = 0xC0, 0x80


class KeptText:
    """The last `limit_bytes` of what is added, from the beginning of a line.

    Several threads may add. Memory stays under twice the limit and the largest single addition.
    """

    def __init__(self, limit_bytes: int = KEPT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept = bytearray()
        self._dropped_bytes = 0
        # Reentrant: a signal handler may print while this thread is in the middle of it.
        self._lock = RLock()

    @property
    def said_bytes(self) -> int:
        """Return how much was added so far, in bytes of UTF-8."""
        return self._dropped_bytes + len(self._kept)

    def add(self, text: str) -> None:
        """Append the text; characters that no database keeps are replaced."""
        added = storable(text).encode()
        with self._lock:
            self._kept += added
            # Dropping only now and then costs nothing per line.
            if len(self._kept) > 2 * self._limit_bytes:
                self._drop()

    def read(self) -> tuple[str, int]:
        """Return the text that is kept, and how many bytes before it were dropped."""
        with self._lock:
            if len(self._kept) > self._limit_bytes:
                self._drop()
            return self._kept.decode(), self._dropped_bytes

    def _drop(self) -> None:
        start = _line_start(self._kept, len(self._kept) - self._limit_bytes)
        del self._kept[:start]
        self._dropped_bytes += start


def _line_start(kept: bytearray, start: int) -> int:
    """Return the first beginning of a line at or behind `start`, of a character in a long line."""
    line = kept.find(NEWLINE, start - 1) + 1
    if 0 < line < len(kept):
        return line
    while start < len(kept) and kept[start] & CONTINUATION_MASK == CONTINUATION:
        start += 1
    return start
