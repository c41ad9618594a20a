"""The addresses of the library's page: each keeps what else is asked for."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from jobs.reports.reading.entries import FAVOURITES, UNREAD, Wanted
from jobs.reports.reading.library import Library

CHOICES = {"": "All", FAVOURITES: "Favourites", UNREAD: "Unread"}


def context_of(library: Library, wanted: Wanted) -> dict[str, Any]:
    """Return what the template shows beside the cards."""
    asked = {"q": wanted.words, "tag": wanted.tag, "show": wanted.only}
    page, pages = library.shelf.page, library.shelf.pages
    return {
        "library": library,
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "here": address(asked, page=str(page) if page > 1 else ""),
        "choices": [
            {
                "label": label,
                "count": library.counts[only],
                "address": address(asked, show=only),
                "is_chosen": wanted.only == only,
            }
            for only, label in CHOICES.items()
        ],
        "tags": [
            {
                "label": tag,
                "count": count,
                # The tag that is chosen leads back to all of them.
                "address": address(asked, tag="" if tag == wanted.tag else tag),
                "is_chosen": tag == wanted.tag,
            }
            for tag, count in library.tags
        ],
        "previous_page": address(asked, page=str(page - 1)) if page > 1 else "",
        "next_page": address(asked, page=str(page + 1)) if page < pages else "",
    }


def address(asked: dict[str, str], **changed: str) -> str:
    """Return the address of the library with these choices; empty ones are left out."""
    chosen = {name: value for name, value in (asked | changed).items() if value}
    base = reverse("reports:library")
    return f"{base}?{urlencode(chosen)}" if chosen else base
