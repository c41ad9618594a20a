"""What a reader's library holds, and what of it they look for. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FAVOURITES, UNREAD = "favourites", "unread"
PAGE_SIZE = 30


@dataclass(frozen=True)
class Entry:
    """A report as a reader has it; `newest_*` are None while there is no version."""

    report_id: int
    slug: str
    title: str
    description: str
    tags: frozenset[str] = frozenset()
    newest_id: int | None = None
    newest_number: int | None = None
    made_at: datetime | None = None
    is_favourite: bool = False
    read_number: int = 0

    @property
    def is_unread(self) -> bool:
        """Return whether there is a version that is newer than the last one read."""
        return self.newest_number is not None and self.newest_number > self.read_number


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for: words, a tag, and only favourites or unread ones."""

    words: str = ""
    tag: str = ""
    only: str = ""
    page: int = 1


@dataclass(frozen=True)
class Shelf:
    """One page of what was found, how many there are in all, and the pages beside it."""

    entries: list[Entry]
    found: int
    page: int
    pages: int


def shelf_of(entries: Sequence[Entry], wanted: Wanted) -> Shelf:
    """Return the page that is wanted: made last comes first, never made comes last."""
    found = sorted((each for each in entries if fits(each, wanted)), key=_order)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(wanted.page, 1), pages)
    return Shelf(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(found), page, pages)


def fits(entry: Entry, wanted: Wanted) -> bool:
    """Return whether the entry has the tag, the marks, and every word in one of its texts."""
    if wanted.tag and wanted.tag not in entry.tags:
        return False
    if wanted.only == FAVOURITES and not entry.is_favourite:
        return False
    if wanted.only == UNREAD and not entry.is_unread:
        return False
    # By Python, since SQLite folds the case of ASCII letters only.
    text = " ".join([entry.title, entry.description, *sorted(entry.tags)]).casefold()
    return all(word in text for word in wanted.words.casefold().split())


def tags_of(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Return the tags in their order, each with the number of its reports."""
    counted = Counter(tag for entry in entries for tag in entry.tags)
    return sorted(counted.items(), key=lambda tag: tag[0].casefold())


def _order(entry: Entry) -> tuple[bool, float, str]:
    made_at = entry.made_at.timestamp() if entry.made_at else 0.0
    return (entry.made_at is None, -made_at, entry.title.casefold())
