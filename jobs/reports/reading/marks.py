"""What a reader marks: favourites by hand, and what they have read by reading it."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q

from jobs.reports.models import ReaderMark, Report, Version

# A report's own instant is for looking back months; each reader writing it would be a hot row.
REPORT_WRITTEN_EVERY = timedelta(hours=1)


def note_read(user: AbstractBaseUser | AnonymousUser, version: Version, now: datetime) -> None:
    """Note that `user` has read the version; an older one than the last leaves the mark."""
    if not user.is_authenticated or user.pk is None:
        return
    mark, _ = ReaderMark.objects.get_or_create(user_id=user.pk, report_id=version.report_id)
    if mark.read_number < version.number:
        # Guarded: of two pages at the same time the newer one stays.
        older = ReaderMark.objects.filter(pk=mark.pk, read_number__lt=version.number)
        older.update(read_number=version.number, read_at=now)
    note_report_read(version.report_id, now)


def note_report_read(report_id: int, now: datetime) -> None:
    """Note that somebody has read the report, at most once an hour."""
    long_ago = Q(last_read_at=None) | Q(last_read_at__lt=now - REPORT_WRITTEN_EVERY)
    Report.objects.filter(long_ago, pk=report_id).update(last_read_at=now)


def set_favourite(user_id: int, report: Report, is_favourite: bool) -> None:
    """Mark the report as the reader's favourite, or take the mark away; once is enough."""
    ReaderMark.objects.update_or_create(
        user_id=user_id, report=report, defaults={"is_favourite": is_favourite}
    )


def is_favourite(user: AbstractBaseUser | AnonymousUser, report: Report) -> bool:
    """Return whether the reader marked the report."""
    return ReaderMark.objects.filter(user=user.pk, report=report, is_favourite=True).exists()
