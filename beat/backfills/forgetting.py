"""What cleanup deletes of backfills: those that ended so long ago that their runs are gone too."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from beat.models import Backfill, BackfillOccurrence
from jobs.cleanup.registry import EXAMPLES, Batch

DAYS = max(settings.RUN_RETENTION_DAYS, settings.RUN_FAILURE_RETENTION_DAYS)


def forget_backfills(before: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete at most `limit` rows: the occurrences first, then the backfills without any."""
    ended = Backfill.objects.filter(ended_at__lt=before).order_by("ended_at")
    occurrences = BackfillOccurrence.objects.filter(backfill__in=ended).order_by("id")
    examples = [str(one) for one in ended[:EXAMPLES]]
    if dry_run:
        count = occurrences[:limit].count() + ended[:limit].count()
        return Batch(min(count, limit), examples)
    gone = _delete(occurrences, limit)
    return Batch(gone + (_delete(ended, limit - gone) if gone < limit else 0), examples)


def _delete(rows: "QuerySet[Backfill] | QuerySet[BackfillOccurrence]", limit: int) -> int:
    ids = list(rows.values_list("pk", flat=True)[:limit])
    return rows.model.objects.filter(pk__in=ids).delete()[0]
