"""A real SMTP server in a process of its own: fast, and its memory is a file that nobody loses.

What it does with an address is said by the address: `refused-…` is answered with 550, `grey-…` with
451 the first time, at `closing-…` the connection is closed the first time.
"""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from scheduler_site.development.ports import free_port
from tests.waiting import wait_until

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]


class SmtpProcess:
    """A context manager; `taken` are the addresses whose mails it took, in their order."""

    def __init__(self, folder: Path, pause_seconds: float = 0) -> None:
        """Begin with an empty record in `folder`; each answer to a mail takes that long."""
        self.host, self.port = HOST, free_port()
        self._pause_seconds = pause_seconds
        self._record = folder / "mails"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._record.touch()
        arguments = [str(self.port), str(self._record), str(self._pause_seconds)]
        command = [sys.executable, "-m", __name__, *arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        ready = self._process.stdout.readline() if self._process.stdout else b""
        assert ready.startswith(b"ready"), "the mail server has not started"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()

    @property
    def taken(self) -> list[str]:
        """Return to whom each mail went; one that is being written down does not count yet."""
        return self._record.read_text().split("\n")[:-1]

    def wait_for(self, count: int) -> None:
        """Return when it has taken so many mails."""
        wait_until(lambda: len(self.taken) >= count, f"{count} mails", 120)


class _Recorder:
    """What aiosmtpd calls; the methods' names are its own."""

    def __init__(self, record: Path, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._record = record.open("a", encoding="utf-8", buffering=1)
        self._seen: set[str] = set()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        kind, is_first = address.partition("-")[0], address not in self._seen
        self._seen.add(address)
        if kind == "refused":
            return "550 5.1.1 No such person here"
        if kind == "grey" and is_first:
            return "451 4.7.1 Greylisted, come back later"
        if kind == "closing" and is_first:
            _hang_up(server)
            return "421 4.3.2 Closing"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self._pause_seconds:
            await asyncio.sleep(self._pause_seconds)
        # Before the answer, as a server does that promises to deliver.
        self._record.write("".join(f"{address}\n" for address in envelope.rcpt_tos))
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.close()


def main(port: int, record: Path, pause_seconds: float) -> None:
    """Serve until it is killed."""
    controller = Controller(_Recorder(record, pause_seconds), hostname=HOST, port=port)
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
