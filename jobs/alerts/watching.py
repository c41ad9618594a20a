"""Beginning and ending the alerts of schedules: what is in trouble is compared with what was."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django_celery_beat.models import PeriodicTask

from jobs.alerts.asked import ASKED, asks_for
from jobs.alerts.models import Alert, Telling, Trouble
from jobs.alerts.troubles import Found, troubles

logger = structlog.get_logger(__name__)
# SQLite binds at most 32,766 values in one statement.
ROWS_PER_STATEMENT = 1_000


def watch(now: datetime) -> tuple[int, int]:
    """Begin alerts of new troubles and end those that are over; return how many of each.

    Any number may watch at the same time: a constraint lets one of them begin an alert, and
    ending twice is ending once.
    """
    found: dict[tuple[int | None, str], Found] = {}
    for one in troubles(now):
        found.setdefault((one.schedule_id, one.trouble.value), one)
    alerts = _going_on()
    going_on = {(alert.schedule_id, alert.trouble) for alert in alerts}
    new = [one for key, one in found.items() if key not in going_on]
    over = [alert for alert in alerts if (alert.schedule_id, alert.trouble) not in found]
    return _begin(new, now), _end(over, now)


def _going_on() -> list[Alert]:
    """Return the alerts of schedules that go on; that of beat ends elsewhere."""
    return list(Alert.objects.filter(over_at=None).exclude(trouble=Trouble.SILENT))


def _begin(new: Iterable[Found], now: datetime) -> int:
    alerts = [
        Alert(
            schedule_id=one.schedule_id,
            schedule_name=one.schedule_name,
            trouble=one.trouble,
            sentence=one.sentence,
            run_id=one.run_id,
            told_to=one.told_to,
            begun_at=now,
        )
        for one in new
    ]
    Alert.objects.bulk_create(alerts, ROWS_PER_STATEMENT, ignore_conflicts=True)
    for alert in alerts:
        logger.warning("alert begun", schedule=alert.schedule_name, trouble=alert.trouble)
    return len(alerts)


def _end(over: Sequence[Alert], now: datetime) -> int:
    """End alerts; nobody is told where nothing asks for it any more."""
    asked = _asked_for() if over else set()
    count = 0
    for alert in over:
        is_dropped = (alert.schedule_id, alert.trouble) not in asked
        going_on = Alert.objects.filter(pk=alert.pk, over_at=None)
        if going_on.update(over_at=now, is_dropped=is_dropped):
            count += 1
            logger.info("alert over", schedule=alert.schedule_name, trouble=alert.trouble)
        if is_dropped:
            Telling.objects.filter(alert=alert, mail=None).delete()
    return count


def _asked_for() -> set[tuple[int | None, str]]:
    """Return the alerts that go on and are still asked for, as (schedule, trouble)."""
    going_on = Alert.objects.filter(over_at=None)
    return {
        (schedule_id, trouble.value)
        for trouble in ASKED
        for schedule_id in PeriodicTask.objects.filter(
            asks_for(trouble), pk__in=going_on.filter(trouble=trouble).values("schedule")
        ).values_list("pk", flat=True)
    }
