"""A mail from its templates: subject, plain text, and HTML whose styles stand in the elements."""

from email.utils import parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

# Mail programs drop style sheets; what they keep of them is the media queries for dark and phone.
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def mail(
    template: str, context: dict[str, Any], to: str, headers: dict[str, str]
) -> EmailMultiAlternatives:
    """Return the mail written from `<template>.subject.txt`, `<template>.txt` and `.html`.

    The templates get `site_url` besides `context`. `headers` should bring the Message-ID: it
    lets a mail server drop a mail that had to be sent twice.
    """
    context = {"site_url": settings.SITE_URL, **context}
    message = EmailMultiAlternatives(
        subject=one_line(render_to_string(f"{template}.subject.txt", context)),
        body=render_to_string(f"{template}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        headers=headers,
    )
    html = _inliner.inline(render_to_string(f"{template}.html", context))
    message.attach_alternative(html, "text/html")
    return message


def one_line(text: str) -> str:
    """Return the text as one line, as a header needs it."""
    return " ".join(text.split())


def stable_message_id(kind: str, key: str) -> str:
    """Return the Message-ID that every try at the mail `key` has; it tells nothing about it."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{kind}.{salted_hmac('jobs.mails', f'{kind}:{key}').hexdigest()}@{domain}>"
