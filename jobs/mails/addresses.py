"""Mail addresses as the wire has them (RFC 5321; RFC 6531 for those beyond ASCII). Pure."""

import re

# No quotes, no comments and no spaces: nothing that could end the header or the command.
PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\u0080-\U0010FFFF-]+@[A-Za-z0-9.-]+")
# RFC 6531, 3.4: the mail has UTF-8 in its headers, and so bytes beyond ASCII.
INTERNATIONAL = ("SMTPUTF8", "BODY=8BITMIME")
NOT_OFFERED = (
    "The part before the @ is not in ASCII, and the mail server does not offer SMTPUTF8 for it. "
    "Write another address of this person, or use a server that does."
)


def plain_address(address: str) -> str:
    """Return an address as the wire has it, its domain in ASCII (RFC 5890).

    What is before the @ stays as it is: beyond ASCII it takes a server that offers SMTPUTF8.
    Raises ValueError for what is no address at all.
    """
    local, _, domain = address.strip().rpartition("@")
    plain = f"{local}@{_in_ascii(domain)}"
    if not PLAIN.fullmatch(plain) or not plain.isprintable():
        raise ValueError(f"{address!r} is not an address that mail can be sent to.")
    return plain


def _in_ascii(domain: str) -> str:
    """Return the domain in ASCII; "" for one that cannot be written so."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""
