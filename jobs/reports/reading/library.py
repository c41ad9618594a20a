"""The library: the reports that a reader may read, what is new, and how fresh each is.

However many reports and versions there are, it asks the database about ten times.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from jobs.reports.models import ReaderMark, Report, ReportQuerySet, Version
from jobs.reports.reading.defined import undefined_among
from jobs.reports.reading.entries import FAVOURITES, UNREAD, Entry, Shelf, Wanted, shelf_of, tags_of
from jobs.reports.reading.freshness import ENDED, Copy, Freshness, freshness
from jobs.reports.reading.schedules import makings_of
from jobs.reports.registry import definitions_in_code

# Of a report without a version, and of one without a mark.
NEVER: tuple[None, None, None] = (None, None, None)
UNMARKED = (False, 0)


@dataclass(frozen=True)
class Card:
    """A report as the library shows it."""

    entry: Entry
    report: Report
    version: Version | None
    freshness: Freshness

    @property
    def tags(self) -> list[str]:
        """Return the tags in their order."""
        return sorted(self.entry.tags, key=str.casefold)


@dataclass(frozen=True)
class Library:
    """One page of a reader's library, with what can be chosen beside it."""

    cards: list[Card]
    shelf: Shelf
    tags: list[tuple[str, int]]
    counts: dict[str, int]


def library_of(user: AbstractBaseUser | AnonymousUser, wanted: Wanted, now: datetime) -> Library:
    """Return what `user` may read and looks for. A report of the code gets its row here."""
    Report.objects.bring_up_to_date(definitions_in_code().values())
    entries = entries_of(user)
    shelf = shelf_of(entries, wanted)
    counts = {
        "": len(entries),
        FAVOURITES: sum(entry.is_favourite for entry in entries),
        UNREAD: sum(entry.is_unread for entry in entries),
    }
    return Library(cards_of(shelf.entries, now), shelf, tags_of(entries), counts)


def entries_of(user: AbstractBaseUser | AnonymousUser) -> list[Entry]:
    """Return every report that `user` may read, with their marks and its newest version."""
    readable = Report.objects.readable_by(user)
    newest, marks, tags = _newest_of(readable), _marks_of(user), _tags_of(readable)
    found = []
    for pk, slug, title, description in readable.values_list("pk", "slug", "title", "description"):
        newest_id, number, made_at = newest.get(pk, NEVER)
        is_favourite, read_number = marks.get(pk, UNMARKED)
        found.append(
            Entry(
                report_id=pk,
                slug=slug,
                title=title,
                description=description,
                tags=tags[pk],
                newest_id=newest_id,
                newest_number=number,
                made_at=made_at,
                is_favourite=is_favourite,
                read_number=read_number,
            )
        )
    return found


def cards_of(entries: Collection[Entry], now: datetime) -> list[Card]:
    """Return these reports with their newest version, in the same order."""
    reports = Report.objects.in_bulk([entry.report_id for entry in entries])
    versions = Version.objects.without_content().in_bulk(
        [entry.newest_id for entry in entries if entry.newest_id]
    )
    standing = freshness_of(reports.values(), versions.values(), now)
    return [
        Card(
            entry,
            reports[entry.report_id],
            versions.get(entry.newest_id or 0),
            standing[entry.report_id],
        )
        for entry in entries
        # One that was deleted in between.
        if entry.report_id in reports
    ]


def freshness_of(
    reports: Collection[Report], newest: Iterable[Version], now: datetime
) -> dict[int, Freshness]:
    """Return how fresh each report is, given its newest version."""
    copies = {version.report_id: Copy(version.due_at, version.made_at) for version in newest}
    makings = makings_of({report.slug for report in reports})
    zone, undefined = timezone.get_current_timezone(), undefined_among(reports)
    return {
        report.pk: ENDED
        if report.pk in undefined
        else freshness(
            makings.get(report.slug, []), copies.get(report.pk), _promise(report), now, zone
        )
        for report in reports
    }


def _newest_of(readable: ReportQuerySet) -> dict[int, tuple[int, int, datetime]]:
    # Looked up for each report, by the index on report and number: grouping would read them all.
    newest = Version.objects.filter(report=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = Version.objects.filter(
        pk__in=readable.annotate(newest=Subquery(newest)).values("newest")
    )
    found = rows.values_list("report_id", "pk", "number", "made_at")
    return {report_id: (pk, number, made_at) for report_id, pk, number, made_at in found}


def _marks_of(user: AbstractBaseUser | AnonymousUser) -> dict[int, tuple[bool, int]]:
    marks = ReaderMark.objects.filter(user=user.pk)
    rows = marks.values_list("report_id", "is_favourite", "read_number")
    return {report_id: (is_favourite, number) for report_id, is_favourite, number in rows}


def _tags_of(readable: ReportQuerySet) -> defaultdict[int, frozenset[str]]:
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    tagged = Report.tags.through.objects.filter(report__in=readable)
    for report_id, name in tagged.values_list("report_id", "reporttag__name"):
        found[report_id] |= {name}
    return found


def _promise(report: Report) -> timedelta | None:
    seconds = report.ready_within_seconds
    return timedelta(seconds=seconds) if seconds is not None else None
