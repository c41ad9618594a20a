"""An SMTP server that delivers nothing: every mail becomes a file that a person can read."""

import asyncio
import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.mailbox import SUFFIX, name_of
from scheduler_site.development.ports import LOOPBACK, free_port

PORT_ATTEMPTS = 5
MAILS_KEPT = 500
# aiosmtpd tells of every connection; only what goes wrong is of use to a developer.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class CatchAll:
    """The handler of aiosmtpd that keeps mails in `folder`, the newest MAILS_KEPT of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail and return the SMTP answer; a full disk is a temporary failure."""
        try:
            await asyncio.to_thread(self.keep, envelope)
        except OSError as problem:
            return f"451 The mail could not be written to a file: {problem.strerror}"
        return "250 Caught"

    def keep(self, envelope: Envelope) -> Path:
        """Write the mail to a file of its own, whole or not at all, and return its path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = name_of(datetime.now(UTC), secrets.token_hex(4))
        path = self.folder / f"{name}{SUFFIX}"
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(_envelope_headers(envelope) + (envelope.original_content or b""))
        unfinished.replace(path)
        self._forget_the_oldest()
        return path

    def _forget_the_oldest(self) -> None:
        for path in sorted(self.folder.glob(f"*{SUFFIX}"))[:-MAILS_KEPT]:
            path.unlink(missing_ok=True)


def _envelope_headers(envelope: Envelope) -> bytes:
    """Return who the mail was really for: blind copies stand in no other header."""
    recipients = ", ".join(envelope.rcpt_tos)
    return f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n".encode()


class MailCatcher:
    """The server in a thread of this process, on a free port of the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._controller: Controller | None = None

    @property
    def port(self) -> int:
        """The port for EMAIL_PORT."""
        if self._controller is None:
            raise RuntimeError("the mail server was not started yet")
        return int(self._controller.port)

    def start(self) -> None:
        """Start the server; raises DevelopmentError when no port can be used."""
        for _ in range(PORT_ATTEMPTS):
            controller = Controller(CatchAll(self.folder), hostname=LOOPBACK, port=free_port())
            try:
                controller.start()
            except OSError:  # somebody took the free port in between
                continue
            self._controller = controller
            return
        raise DevelopmentError(
            "The mail server for development found no free port. "
            "Set EMAIL_HOST and EMAIL_PORT to an SMTP server to go on without it."
        )

    def stop(self) -> None:
        """End the server."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def environment(self) -> dict[str, str]:
        """Return the variables that make the platform send its mails here."""
        return {
            "EMAIL_HOST": LOOPBACK,
            "EMAIL_PORT": str(self.port),
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_SECURITY": "none",
            "CAUGHT_MAIL_DIR": os.fspath(self.folder),
        }
