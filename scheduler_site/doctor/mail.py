"""The SMTP server: reached, greeted and signed in to as for a real mail, but nothing is sent."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Any, Self

from django.core.mail.backends.smtp import EmailBackend

from scheduler_site.doctor.findings import Finding, ok, problem, warning
from scheduler_site.doctor.wording import reason

SUBJECT = "mail"
MOST_SECONDS = 5
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailServer:
    """How the platform reaches its SMTP server."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout_seconds: int = MOST_SECONDS

    @classmethod
    def of(cls, settings: Any) -> Self:
        """Return what Django's settings say; the time is cut to what a person waits for."""
        return cls(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            starttls=settings.EMAIL_USE_TLS,
            tls=settings.EMAIL_USE_SSL,
            timeout_seconds=min(settings.EMAIL_TIMEOUT, MOST_SECONDS),
        )

    @property
    def place(self) -> str:
        """Return host and port."""
        return f"{self.host}:{self.port}"


def mail_findings(server: MailServer) -> list[Finding]:
    """Return whether a mail could be handed to the server now."""
    try:
        _greet(server)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        why, advice = _explain(error)
        return [problem(SUBJECT, f"{why} at {server.place} ({_answer(error)}).", advice)]
    return [
        ok(SUBJECT, f"The SMTP server at {server.place} answers{_how(server)}."),
        *_doubts(server),
    ]


def _greet(server: MailServer) -> None:
    backend = EmailBackend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.starttls,
        use_ssl=server.tls,
        timeout=server.timeout_seconds,
    )
    try:
        backend.open()
        connection = backend.connection
        if connection is None:
            raise smtplib.SMTPServerDisconnected("no connection was made")
        connection.ehlo_or_helo_if_needed()
        code, answer = connection.noop()
        if code != 250:
            raise smtplib.SMTPResponseException(code, answer)
    finally:
        backend.close()


def _how(server: MailServer) -> str:
    secured = ", secured by TLS" if server.starttls or server.tls else ""
    return f"{secured}{', and accepts the login' if server.user and server.password else ''}"


def _doubts(server: MailServer) -> list[Finding]:
    if server.user and not server.password:
        return [
            warning(
                SUBJECT,
                "EMAIL_HOST_USER is set without a password, so that nobody signs in.",
                "Set EMAIL_HOST_PASSWORD, or take the user out.",
            )
        ]
    if server.user and not (server.starttls or server.tls) and server.host not in LOOPBACK_NAMES:
        return [
            warning(
                SUBJECT,
                "The password travels to the server unencrypted.",
                "Set EMAIL_SECURITY to starttls or tls.",
            )
        ]
    return []


def _answer(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        words = text.decode(errors="replace") if isinstance(text, bytes) else text
        return f"{error.smtp_code} {words.strip()}".strip()
    return reason(error)


# The first kind that fits counts, so that the narrower ones stand first.
EXPLANATIONS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        "The SMTP server refuses the login",
        "Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.",
    ),
    (
        smtplib.SMTPNotSupportedError,
        "The SMTP server does not offer what EMAIL_SECURITY or the login asks for",
        "Compare EMAIL_SECURITY and EMAIL_PORT with your provider's page (587 is starttls).",
    ),
    (
        ssl.SSLCertVerificationError,
        "The certificate of the SMTP server is not trusted",
        "Let EMAIL_HOST be the name in the certificate, and install its authority on this host.",
    ),
    (
        ssl.SSLError,
        "The SMTP server does not speak TLS from the first byte",
        "EMAIL_SECURITY=tls is for port 465; use starttls or none for the others.",
    ),
    (
        smtplib.SMTPException,
        "What listens does not behave like an SMTP server",
        "Check EMAIL_HOST, EMAIL_PORT and EMAIL_SECURITY (465 is tls, 587 starttls).",
    ),
    (
        ConnectionRefusedError,
        "Nobody listens for mail",
        "Start the SMTP server, or correct EMAIL_HOST and EMAIL_PORT.",
    ),
    (
        socket.gaierror,
        "The name of the SMTP server is unknown",
        "Correct EMAIL_HOST, or the name service of this host.",
    ),
    (
        TimeoutError,
        "The SMTP server does not answer in time",
        "Look for a firewall; many providers block port 25. Port 465 wants EMAIL_SECURITY=tls.",
    ),
)


def _explain(error: Exception) -> tuple[str, str]:
    # smtplib wraps a time-out while it reads into SMTPServerDisconnected (Python 3.14 still does).
    if isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error):
        error = TimeoutError()
    for kind, why, advice in EXPLANATIONS:
        if isinstance(error, kind):
            return why, advice
    return "The SMTP server cannot be used", "Check EMAIL_HOST, EMAIL_PORT and the network."
