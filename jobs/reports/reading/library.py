"""The library: every report that has been made, and those that have not been yet."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from jobs.reports.models import Report, Version
from jobs.reports.registry import Definition, definitions


@dataclass(frozen=True)
class Library:
    """The newest version of each report, last made first; and the reports without a version."""

    versions: list[Version]
    not_made: list[Definition]


def library_of(user: AbstractBaseUser | AnonymousUser) -> Library:
    """Return what `user` may read."""
    newest = Version.objects.latest_of_each()
    readable = newest.filter(report__in=Report.objects.readable_by(user))
    versions = list(readable.without_content().select_related("report").order_by("-made_at"))
    # All that have a version, read or not: what this reader may not see was made all the same.
    made = set(newest.values_list("report__slug", flat=True))
    not_made = [one for one in definitions().values() if one.slug not in made]
    return Library(versions, not_made)
