"""A version's mail, written once: what differs between people is put in between.

That is the address, the Message-ID and the link that unsubscribes. Writing each mail anew would
take longer than sending it.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.urls import reverse

from jobs.mails.addresses import plain_address
from jobs.mails.messages import Written, stable_message_id, written
from jobs.reports.content import Content, Figures
from jobs.reports.delivery.attachments import Attached, attachments_of
from jobs.reports.delivery.chart_image import first_chart, png_of
from jobs.reports.delivery.tokens import TOKEN_LENGTH
from jobs.reports.models import Version
from jobs.reports.rendering.layout import texts_of

TEMPLATE = "reports/mails/version"
# Quoted-printable may break a line within a token (RFC 2045, 6.7).
SOFT_BREAK = b"=\r\n"
END = b"\r\n.\r\n"


@dataclass(frozen=True)
class Letter:
    """The bytes between the tokens, and for each token where a soft line break divides it.

    `title` is the subject as people read it, `subject` as the header has it; `unsubscribe` is what
    stands before the token in the address that ends a subscription.
    """

    version: Version
    title: str
    subject: str
    unsubscribe: str
    pieces: Sequence[bytes]
    breaks: Sequence[int]

    def content_for(self, address: str, token: str) -> bytes:
        """Return the whole mail for one `plain_address`, ready for the wire.

        It has UTF-8 in its headers only for an address beyond ASCII (RFC 6532).
        """
        key = f"{self.version.pk}:{self.version.made_at.isoformat()}:{address}"
        headers = {
            "To": address,
            "Subject": self.subject,
            "Message-ID": stable_message_id("report", key),
            # RFC 2369 and RFC 8058: the mail program's own button leaves without a login.
            "List-Unsubscribe": f"<{self.unsubscribe}{token}/>",
        }
        return self._filled(headers, token.encode())

    def rehearsed(self, mail_to: str, address: str) -> bytes:
        """Return the mail for who rehearses; its subject says for whom it would be."""
        headers = {
            "To": mail_to,
            "Subject": _encoded(f"[Rehearsal, for {address}] {self.title}"),
            "Message-ID": make_msgid(),
        }
        return self._filled(headers, b"-" * TOKEN_LENGTH)

    def _filled(self, headers: dict[str, str], token: bytes) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        parts = [lines.encode(), self.pieces[0]]
        for at, piece in zip(self.breaks, self.pieces[1:], strict=True):
            parts += [token[:at], SOFT_BREAK if at else b"", token[at:], piece]
        return b"".join(parts)


def letter_of(version: Version, formats: Sequence[str]) -> Letter:
    """Return the version's mail with its files in these formats."""
    placeholder = secrets.token_urlsafe(TOKEN_LENGTH * 3 // 4)
    chosen = attachments_of(version, formats)
    content = version.document.content
    chart = first_chart(content)
    png = png_of(chart) if chart else b""
    context: dict[str, Any] = {
        "version": version,
        "figures": _figures(content, version.zone),
        "chart": chart if png else None,
        "attached": chosen.files,
        "left_out": chosen.left_out,
        "address": settings.SITE_URL + version.get_absolute_url(),
        "unsubscribe": unsubscribe_address(placeholder),
    }
    words = written(TEMPLATE, context)
    raw = _dots_doubled(_message(words, png, chosen.files).as_bytes()) + END
    pieces, breaks = _divided(raw, placeholder.encode())
    before_token = context["unsubscribe"].removesuffix(f"{placeholder}/")
    return Letter(version, words.subject, _encoded(words.subject), before_token, pieces, breaks)


def unsubscribe_address(token: str) -> str:
    """Return the address that ends a subscription without a login."""
    return settings.SITE_URL + reverse("reports:unsubscribe", args=[token])


def _figures(content: Content, zone: str) -> list[dict[str, str]]:
    if not content.figures:
        return []
    shown: list[dict[str, str]] = texts_of(Figures(content.figures), zone, 0)["items"]
    return shown


def _message(words: Written, png: bytes, files: Sequence[Attached]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["Date"] = formatdate()
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    # Base64, which Python may choose, would hide the tokens.
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    if png:
        html = message.get_body(("html",))
        html.add_related(  # type: ignore[union-attr]
            png, "image", "png", cid="<chart>", filename="chart.png", disposition="inline"
        )
    for file in files:
        kind, _, rest = file.content_type.partition("/")
        subtype, *_ = rest.partition(";")
        message.add_attachment(file.content, kind, subtype, filename=file.name)
    return message


def _encoded(subject: str) -> str:
    """Return the words as a header's value of ASCII, on one line or several (RFC 2047)."""
    charset = None if subject.isascii() else "utf-8"
    return Header(subject, charset, header_name="Subject").encode(linesep="\r\n")


def _dots_doubled(content: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", content.removesuffix(b"\r\n"))


def _divided(content: bytes, token: bytes) -> tuple[list[bytes], list[int]]:
    """Return what stands between the tokens, and where a line break divides each (0: nowhere)."""
    anywhere = b"(?:=\r\n)?".join(re.escape(token[at : at + 1]) for at in range(len(token)))
    pieces, breaks, last = [], [], 0
    for found in re.finditer(anywhere, content):
        pieces.append(content[last : found.start()])
        breaks.append(max(0, found.group().find(SOFT_BREAK)))
        last = found.end()
    return [*pieces, content[last:]], breaks


def sender_address() -> str:
    """Return the address of the envelope: where servers send what they cannot deliver.

    Raises ValueError when DEFAULT_FROM_EMAIL is no address.
    """
    return plain_address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
