"""Beginning and ending alerts: what is in trouble now is compared with what was."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from jobs.alerts.models import Alert
from jobs.alerts.troubles import Found, Watched, troubles, watched_schedules

logger = structlog.get_logger(__name__)
# SQLite binds at most 32,766 values in one statement.
ROWS_PER_STATEMENT = 1_000


def watch(now: datetime) -> tuple[int, int]:
    """Begin alerts of new troubles and end those that are over; return how many of each.

    Any number may watch at the same time: a constraint lets one of them begin an alert, and
    ending twice is ending once.
    """
    watched = watched_schedules()
    found = {(one.schedule_id, one.trouble.value): one for one in troubles(watched, now)}
    alerts = _going_on()
    going_on = {(alert.schedule_id, alert.trouble) for alert in alerts}
    new = [one for key, one in found.items() if key not in going_on]
    over = [alert for alert in alerts if (alert.schedule_id, alert.trouble) not in found]
    return _begin(new, watched, now), _end(over, watched, now)


def _going_on() -> list[Alert]:
    return list(Alert.objects.filter(over_at=None))


def _begin(new: Iterable[Found], watched: Mapping[int, Watched], now: datetime) -> int:
    alerts = [
        Alert(
            schedule_id=one.schedule_id,
            schedule_name=watched[one.schedule_id].name,
            trouble=one.trouble,
            sentence=one.sentence,
            run_id=one.run_id,
            told_to=watched[one.schedule_id].told_to,
            begun_at=now,
        )
        for one in new
    ]
    Alert.objects.bulk_create(alerts, ROWS_PER_STATEMENT, ignore_conflicts=True)
    for alert in alerts:
        logger.warning("alert begun", schedule=alert.schedule_name, trouble=alert.trouble)
    return len(alerts)


def _end(over: Iterable[Alert], watched: Mapping[int, Watched], now: datetime) -> int:
    """End alerts; nobody is told where the policy does not ask for it any more."""
    count = 0
    for alert in over:
        one = watched.get(alert.schedule_id or 0)
        is_dropped = one is None or not one.asks_for(alert.trouble)
        going_on = Alert.objects.filter(pk=alert.pk, over_at=None)
        if going_on.update(over_at=now, is_dropped=is_dropped):
            count += 1
            logger.info("alert over", schedule=alert.schedule_name, trouble=alert.trouble)
    return count
