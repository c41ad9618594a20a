"""How pages write a sentence of the ledger that names another run."""

import re

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NAMED = re.compile(r"\bthe run ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")


@register.filter
def with_links(sentence: str) -> SafeString:
    """Return the sentence, in which "the run ID" leads to that run in place of its id."""
    # Every second part is what the pattern found.
    parts = [
        _link(part) if number % 2 else conditional_escape(part)
        for number, part in enumerate(NAMED.split(sentence))
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- each part is escaped


def _link(run_id: str) -> SafeString:
    return format_html(
        '<a href="{}" title="{}">the run</a>', reverse("runs:run", args=[run_id]), run_id
    )
