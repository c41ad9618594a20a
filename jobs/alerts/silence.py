"""Beat is silent: an alert of its own, begun and ended by the workers, which watch beat."""

import hashlib
from datetime import datetime, timedelta

import structlog
from django.apps import apps
from django.conf import settings
from django.utils.timezone import localtime

from jobs.alerts.models import Alert, Trouble, Watch

NAME = "Beat"
ROW = 1

logger = structlog.get_logger(__name__)


def watch_beat(now: datetime, up_since: datetime) -> bool:
    """Begin or end the alert that no beat ticks; return whether it did.

    Beat is silent when no sign of it was seen for BEAT_SILENT_SECONDS, and for as long while this
    worker was up and reached the database: where all were stopped or cut off together, beat gets
    the time to come back. Both instants are of the database's clock; beats' clocks do not matter.
    Any number may watch.
    """
    watch = _look(now)
    longest = timedelta(seconds=settings.BEAT_SILENT_SECONDS)
    if now - max(watch.beat_seen_at, up_since) >= longest:
        return _begin(watch.beat_seen_at, now)
    return _end(watch.beat_seen_at, now)


def the_watch(now: datetime) -> Watch:
    """Return the row, which the first one who looks makes."""
    first = {"looked_at": now, "beat_looked_at": now, "beat_seen_at": now}
    return Watch.objects.get_or_create(pk=ROW, defaults=first)[0]


def _look(now: datetime) -> Watch:
    """Return the row, with the present signs of beats."""
    watch, signs = the_watch(now), _signs()
    if signs != watch.beat_signs:
        watch.beat_signs, watch.beat_seen_at = signs, now
        Watch.objects.filter(pk=ROW).update(beat_signs=signs, beat_seen_at=now)
    return watch


def _signs() -> str:
    """Return a digest of what beats say of themselves ("" of none); it changes while one ticks.

    Jobs do not import beat: its row is found by its name. A beat that ends well deletes its row,
    which is a sign too: it was there until now.
    """
    rows = apps.get_model("beat", "Beat").objects.order_by("name")
    ticks = [f"{name} {at}" for name, at in rows.values_list("name", "last_tick_at")]
    return hashlib.sha256("\n".join(ticks).encode()).hexdigest() if ticks else ""


def _begin(seen_at: datetime, now: datetime) -> bool:
    going_on = Alert.objects.filter(over_at=None, trouble=Trouble.SILENT)
    if going_on.exists():
        return False
    sentence = (
        f"No beat has ticked since {localtime(seen_at):%Y-%m-%d at %H:%M:%S}: what is due does not "
        "start. Start one: celery -A scheduler_site beat"
    )
    alert = Alert(
        schedule_name=NAME,
        trouble=Trouble.SILENT,
        sentence=sentence,
        told_to="\n".join(settings.ALERTS_TO),
        begun_at=now,
    )
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    logger.error("beat is silent", since=seen_at.isoformat())
    return True


def _end(seen_at: datetime, now: datetime) -> bool:
    """End the alert where beat gave a sign after it began."""
    going_on = Alert.objects.filter(over_at=None, trouble=Trouble.SILENT, begun_at__lt=seen_at)
    if not going_on.update(over_at=now):
        return False
    logger.info("beat ticks again")
    return True
