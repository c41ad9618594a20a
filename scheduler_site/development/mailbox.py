"""Reading what the catch-all mail server has written."""

import codecs
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from pathlib import Path

SUFFIX = ".eml"
# Instant and a random part: names sort by time, and no other file name looks like one.
NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
TIME_FORMAT = "%Y%m%dT%H%M%S.%fZ"


def name_of(caught_at: datetime, random_part: str) -> str:
    """Return the name of a mail that was caught at this instant (UTC)."""
    return f"{caught_at.strftime(TIME_FORMAT)}-{random_part}"


@dataclass(frozen=True)
class Attachment:
    """A part of a mail that is offered as a file."""

    number: int
    file_name: str
    content: bytes

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        return len(self.content)


@dataclass(frozen=True)
class Mail:
    """One caught mail, parsed."""

    name: str
    message: EmailMessage

    @property
    def caught_at(self) -> datetime:
        """The instant in the mail's name."""
        moment = self.name.partition("-")[0]
        return datetime.strptime(moment, TIME_FORMAT).replace(tzinfo=UTC)

    @property
    def subject(self) -> str:
        """The subject, or words that stand for none."""
        return str(self.message.get("Subject", "")).strip() or "(no subject)"

    @property
    def recipients(self) -> str:
        """Who it was for: the To header, or the envelope where there is none."""
        return str(self.message.get("To") or self.message.get("X-Envelope-To", ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers, in the order of the mail."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str | None:
        """The plain text part."""
        return self._body("plain")

    @property
    def html(self) -> str | None:
        """The HTML part."""
        return self._body("html")

    @property
    def html_with_pictures(self) -> str | None:
        """The HTML part with the pictures of the same mail (RFC 2392, `cid:`) in their places."""
        html = self.html
        if html is None:
            return None
        for part in self.message.walk():
            content_id = str(part.get("Content-ID", "")).strip("<> ")
            if content_id and part.get_content_maintype() == "image":
                html = html.replace(f"cid:{content_id}", _as_data(part))
        return html

    @property
    def attachments(self) -> list[Attachment]:
        """The attached files; a part without a file name gets a number for one."""
        return [
            Attachment(number, part.get_filename() or f"part-{number}", _content(part))
            for number, part in enumerate(self.message.iter_attachments(), start=1)
        ]

    def _body(self, kind: str) -> str | None:
        part = self.message.get_body(preferencelist=(kind,))
        return None if part is None else _content(part).decode(_charset(part), errors="replace")


def newest_first(folder: Path) -> Iterator[Mail]:
    """Yield the caught mails; one that was deleted in between is left out."""
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        mail = find(folder, path.stem)
        if mail is not None:
            yield mail


def find(folder: Path, name: str) -> Mail | None:
    """Return the mail of this name, or None; a name that leads elsewhere is nobody's name."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (folder / f"{name}{SUFFIX}").read_bytes()
    except FileNotFoundError:
        return None
    return Mail(name, message_from_bytes(content, policy=default))


def _content(part: MIMEPart) -> bytes:
    """Return the part's bytes; of an attached mail, its own source."""
    if part.is_multipart():
        return b"".join(bytes(inner) for inner in part.iter_parts())
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _as_data(part: MIMEPart) -> str:
    """Return the part as the address of itself (RFC 2397)."""
    return f"data:{part.get_content_type()};base64,{b64encode(_content(part)).decode()}"


def _charset(part: MIMEPart) -> str:
    """Return the part's character set when Python knows it, else UTF-8."""
    named = str(part.get_content_charset() or "utf-8")
    try:
        codecs.lookup(named)
    except LookupError:
        return "utf-8"
    return named
