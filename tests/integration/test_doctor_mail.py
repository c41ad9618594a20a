"""Doctor's view of SMTP servers: it greets and signs in, and never sends."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from scheduler_site.development.ports import free_port
from scheduler_site.doctor.findings import Finding, Level
from scheduler_site.doctor.mail import MailServer, mail_findings
from tests import servers
from tests.servers.scripted import answering
from tests.servers.smtp import SmtpServer

CERTIFICATE = Path(servers.__file__).parent / "localhost.pem"


@contextmanager
def strict_server(**options: Any) -> Iterator[int]:
    """Yield the port of a server that offers STARTTLS and a login to `punctual`, `right-word`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def authenticate(*arguments: object) -> AuthResult:
        data = arguments[-1]
        right = isinstance(data, LoginPassword) and data.password == b"right-word"
        return AuthResult(success=right, handled=False)

    controller = Controller(
        object(),
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        authenticator=authenticate,
        auth_require_tls=True,
        **options,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
        controller.loop.close()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this test trust the certificate of the server above."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def only(findings: list[Finding], level: Level) -> Finding:
    """Return the only finding of this level."""
    (found,) = [finding for finding in findings if finding.level == level]
    return found


def test_a_server_that_answers_is_in_order_and_gets_no_mail() -> None:
    with SmtpServer() as server:
        findings = mail_findings(MailServer(server.host, server.port))
        assert server.connections == 1
        assert server.messages == []
    assert [finding.level for finding in findings] == [Level.OK]


def test_starttls_and_login_are_tried(trusted: None) -> None:
    with strict_server() as port:
        server = MailServer("127.0.0.1", port, "punctual", "right-word", starttls=True)
        found = only(mail_findings(server), Level.OK)
    assert "secured by TLS, and accepts the login" in found.sentence


def test_a_wrong_password_is_told_and_not_repeated(trusted: None) -> None:
    with strict_server() as port:
        server = MailServer("127.0.0.1", port, "punctual", "hidden-word", starttls=True)
        found = only(mail_findings(server), Level.PROBLEM)
    assert "refuses the login" in found.sentence
    assert "hidden-word" not in found.line


def test_a_certificate_that_is_not_trusted_is_a_problem() -> None:
    with strict_server() as port:
        server = MailServer("127.0.0.1", port, starttls=True)
        found = only(mail_findings(server), Level.PROBLEM)
    assert "certificate" in found.sentence


def test_a_server_without_starttls_is_a_problem() -> None:
    with SmtpServer() as server:
        found = only(
            mail_findings(MailServer(server.host, server.port, starttls=True)), Level.PROBLEM
        )
    assert "EMAIL_SECURITY" in found.sentence


def test_a_login_that_the_server_does_not_know_is_a_problem() -> None:
    with SmtpServer() as server:
        with_login = MailServer(server.host, server.port, "punctual", "hidden-word")
        found = only(mail_findings(with_login), Level.PROBLEM)
    assert "the login asks for" in found.sentence


def test_tls_from_the_first_byte_where_there_is_none_is_a_problem() -> None:
    with SmtpServer() as server:
        asked = MailServer(server.host, server.port, tls=True, timeout_seconds=1)
        found = only(mail_findings(asked), Level.PROBLEM)
    assert "465" in found.advice


def test_a_user_without_a_password_is_a_warning() -> None:
    with SmtpServer() as server:
        findings = mail_findings(MailServer(server.host, server.port, user="punctual"))
    assert "without a password" in only(findings, Level.WARNING).sentence


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"-ERR unknown command\r\n", "does not behave like an SMTP server"),
        (b"554 5.7.1 Your address is blocked\r\n", "554 5.7.1 Your address is blocked"),
        (b"", "does not answer in time"),
    ],
    ids=["garbage", "blocked", "silent"],
)
def test_what_answers_otherwise_is_named(answer: bytes, words: str) -> None:
    with answering(answer) as port:
        found = only(mail_findings(MailServer("127.0.0.1", port, timeout_seconds=1)), Level.PROBLEM)
    assert words in found.sentence


def test_a_closed_port_says_that_nobody_listens() -> None:
    port = free_port()
    found = only(mail_findings(MailServer("127.0.0.1", port)), Level.PROBLEM)
    assert f"Nobody listens for mail at 127.0.0.1:{port}" in found.sentence
