"""A mail from its templates: subject, plain text, and HTML whose styles stand in the elements."""

from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from css_inline import CSSInliner


@dataclass(frozen=True)
class Written:
    """A mail's words: one line for the subject, plain text, and HTML with its styles inlined."""

    subject: str
    text: str
    html: str


def written(template: str, context: dict[str, Any]) -> Written:
    """Return the words of `<template>.subject.txt`, `<template>.txt` and `<template>.html`.

    The templates get `site_url` besides `context`.
    """
    context = {"site_url": settings.SITE_URL, **context}
    return Written(
        subject=one_line(render_to_string(f"{template}.subject.txt", context)),
        text=render_to_string(f"{template}.txt", context).strip() + "\n",
        html=_inliner().inline(render_to_string(f"{template}.html", context)),
    )


@cache
def _inliner() -> "CSSInliner":
    """Return what writes styles into the elements: mail programs drop style sheets.

    What they keep of them is the media queries for dark and phone.
    """
    # Here, because few processes write mails, and all would read it at their start.
    from css_inline import CSSInliner  # noqa: PLC0415

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def mail(
    template: str, context: dict[str, Any], to: str, headers: dict[str, str]
) -> EmailMultiAlternatives:
    """Return the mail that `written` writes from the templates.

    `headers` should bring the Message-ID: it lets a mail server drop a mail that had to be sent
    twice.
    """
    words = written(template, context)
    message = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        headers=headers,
    )
    message.attach_alternative(words.html, "text/html")
    return message


def one_line(text: str) -> str:
    """Return the text as one line, as a header needs it."""
    return " ".join(text.split())


def stable_message_id(kind: str, key: str) -> str:
    """Return the Message-ID that every try at the mail `key` has; it tells nothing about it."""
    name = salted_hmac("jobs.mails", f"{kind}:{key}").hexdigest()
    return f"<{kind}.{name}@{_domain_of(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=4)
def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
