"""The lines that a person sees: each with the name of the process that wrote it."""

import os
import threading
from contextlib import suppress
from typing import TextIO

NAME_WIDTH = 6
# One of the terminal's own colours per name; a name that is not here stays plain.
COLOURS = {"dev": "1", "redis": "31", "mail": "35", "web": "32", "beat": "33", "worker": "36"}


def wants_colours(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal of a person who did not set NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


class Output:
    """Writes whole lines to `stream`; several threads may write at the same time."""

    def __init__(self, stream: TextIO, colours: bool) -> None:
        self._stream = stream
        self._colours = colours
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """Write `text` behind the name of the process that it comes from."""
        prefix = f"{name:<{NAME_WIDTH}} |"
        if self._colours and name in COLOURS:
            prefix = f"\033[{COLOURS[name]}m{prefix}\033[0m"
        self.plain(f"{prefix} {text}")

    def say(self, sentence: str) -> None:
        """Write a sentence of the supervisor's own."""
        self.line("dev", sentence)

    def plain(self, text: str) -> None:
        """Write one line without a prefix."""
        # A closed terminal must not keep anything from being stopped in order.
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()
