"""Lists of versions by keyset: a page begins behind a version's number, so depth costs nothing."""

from dataclasses import dataclass

from jobs.reports.models import Report, Version

PAGE_SIZE = 20


@dataclass(frozen=True)
class VersionPage:
    """Some versions, newest first, and where the pages beside it begin (None: there is none)."""

    versions: list[Version]
    older_than: int | None
    newer_than: int | None


def page_of_versions(
    report: Report, older_than: int | None = None, newer_than: int | None = None
) -> VersionPage:
    """Return the page of `report`'s versions behind or before a number; the newest by default."""
    found = report.versions.without_content()
    if newer_than is not None:
        rows = list(found.filter(number__gt=newer_than).order_by("number")[: PAGE_SIZE + 1])
        versions = rows[:PAGE_SIZE][::-1]
        return _page(versions, has_older=bool(versions), has_newer=len(rows) > PAGE_SIZE)
    if older_than is not None:
        found = found.filter(number__lt=older_than)
    rows = list(found.order_by("-number")[: PAGE_SIZE + 1])
    versions = rows[:PAGE_SIZE]
    return _page(versions, has_older=len(rows) > PAGE_SIZE, has_newer=older_than is not None)


def _page(versions: list[Version], *, has_older: bool, has_newer: bool) -> VersionPage:
    return VersionPage(
        versions,
        older_than=versions[-1].number if versions and has_older else None,
        newer_than=versions[0].number if versions and has_newer else None,
    )
