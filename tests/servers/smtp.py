"""A real SMTP server in a thread of the test, on a free port of the loopback interface."""

import asyncio
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from scheduler_site.development.ports import free_port
from tests.waiting import wait_until

HOST = "127.0.0.1"


class SmtpServer:
    """A context manager; `messages` are the mails it took, parsed, in their order.

    `before_answer` is called when a mail has arrived and its sender does not know so yet.
    `refused` are addresses answered with 550 for good. `greylisted` is how many times every
    address is answered with 451 before it is taken. At `closing` addresses the connection is
    closed once, and after the mails of `vanishing` ones always: they are taken, and the answer is
    never sent. `is_international` says whether it offers SMTPUTF8, from the next start on. All may
    be changed while it runs. `stop`
    and `start` may be repeated: the port stays the same, and so do the messages.
    """

    def __init__(self, refused: set[str] | None = None, greylisted: int = 0) -> None:
        self.host = HOST
        self.port = free_port()
        self.refused = refused or set()
        self.greylisted = greylisted
        self.closing: set[str] = set()
        self.vanishing: set[str] = set()
        self.messages: list[EmailMessage] = []
        # Of each mail: who sent it, to whom the server was asked to bring it, and how.
        self.senders: list[str] = []
        self.envelopes: list[str] = []
        self.options: list[list[str]] = []
        self.connections = 0
        self.is_international = True
        self.before_answer: Callable[[], None] = _nothing
        self._tries: Counter[str] = Counter()
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def recipients(self) -> list[str]:
        """Return to whom each mail went, in their order."""
        return [str(message["To"]) for message in self.messages]

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        controller = Controller(
            _Handler(self),
            hostname=HOST,
            port=self.port,
            enable_SMTPUTF8=self.is_international,
        )
        controller.start()
        self._controller = controller

    def stop(self) -> None:
        """Stop the server: connections are refused from now on."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller.loop.close()
            self._controller = None

    def use_for(self, settings: Settings) -> None:
        """Make Django send its mails here; pytest-django puts an in-memory backend first."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = self.host
        settings.EMAIL_PORT = self.port

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Return the messages when there are `count` of them."""
        wait_until(lambda: len(self.messages) >= count, f"{count} mails")
        return self.messages

    def answer_to(self, address: str) -> str:
        """Return the answer to RCPT TO for this address, counted as one more try."""
        self._tries[address] += 1
        if address in self.refused:
            return "550 5.1.1 No such person here"
        if self._tries[address] <= self.greylisted:
            return "451 4.7.1 Greylisted, come back later"
        return ""


class _Handler:
    """What aiosmtpd calls; the methods' names are its own."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        self.server.connections += 1
        session.host_name = name
        return answers

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[Any],
    ) -> str:
        if address in self.server.closing:
            self.server.closing.discard(address)
            _close(server)
            return "421 4.3.2 Closing"
        refusal = self.server.answer_to(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(_bytes(envelope.content), policy=policy.default)
        self.server.messages.append(message)
        self.server.senders.append(str(envelope.mail_from))
        self.server.envelopes += envelope.rcpt_tos
        self.server.options.append(envelope.mail_options)
        await asyncio.to_thread(self.server.before_answer)
        if self.server.vanishing & set(envelope.rcpt_tos):
            _close(server)
        return "250 OK"


def _nothing() -> None:
    """Let the answer go at once."""


def _close(server: SMTP) -> None:
    """End the connection without a word."""
    if server.transport is not None:
        server.transport.close()


def _bytes(content: bytes | str | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""
