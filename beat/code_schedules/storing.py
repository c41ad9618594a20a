"""The entries of `app.conf.beat_schedule` as schedules that the code owns.

An operator may edit such a schedule: only what changes in the code is written, so that the edit
lasts until the code says something new. Schedules that operators made are never touched.
"""

from typing import Any

import structlog
from celery import Celery
from celery.schedules import crontab
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.audit.recording import audited, record, snapshot
from beat.code_schedules.entries import row_of_rule, values_of_entry
from beat.models import CodeSchedule, Source

logger = structlog.get_logger(__name__)

CLEANUP = "celery.backend_cleanup"
TWELVE_HOURS_SECONDS = 43_200
FROM_THE_CODE = "As beat_schedule of the Celery app says."
VANISHED = "beat_schedule of the Celery app does not hold it any more."


def store_code_schedules(app: Celery) -> int:
    """Insert, change and disable schedules until they are what the code says; return how many.

    A broken entry is logged and harms no other. Beats of different versions of the code that run
    at the same time each write what theirs says when they start.
    """
    entries = entries_of(app)
    changed = sum(_store_or_tell(name, entry, app) for name, entry in entries.items())
    return changed + _disable_vanished(set(entries))


def entries_of(app: Celery) -> dict[str, dict[str, Any]]:
    """Return the entries by name; with a result backend that needs it also Celery's cleanup."""
    entries = {name: dict(entry) for name, entry in (app.conf.beat_schedule or {}).items()}
    conf = app.conf
    if conf.result_backend and conf.result_expires and not app.backend.supports_autoexpire:
        cleanup = {
            "task": CLEANUP,
            "schedule": crontab(minute="0", hour="4"),
            "options": {"expires": TWELVE_HOURS_SECONDS},
        }
        entries.setdefault(CLEANUP, cleanup)
    return entries


def _store_or_tell(name: str, entry: dict[str, Any], app: Celery) -> bool:
    try:
        with transaction.atomic():
            return _store(name, values_of_entry(entry, app))
    except (TypeError, ValueError, ValidationError, DataError) as problem:
        # The sentence says it all; a traceback would lead into this file, not into the code's.
        logger.error(  # noqa: TRY400
            f"The entry {name!r} of beat_schedule cannot be used: {problem}", schedule=name
        )
    except IntegrityError:
        logger.info("another beat stores the entry at the same time", schedule=name)
    return False


def _store(name: str, values: dict[str, Any]) -> bool:
    schedule = PeriodicTask.objects.select_for_update().filter(name=name).first()
    if schedule is None:
        _insert(name, values)
        return True
    known = CodeSchedule.objects.filter(schedule=schedule, source=Source.BEAT_SCHEDULE).first()
    if known is None:
        logger.warning(
            "A schedule of an operator or of a file has the name of an entry of beat_schedule and "
            "stays as it is; rename one of them.",
            schedule=name,
        )
        return False
    return _change(schedule, known, values)


def _insert(name: str, values: dict[str, Any]) -> None:
    schedule = PeriodicTask.objects.create(name=name, **_columns(values))
    CodeSchedule.objects.create(schedule=schedule, values=values)
    record(Asker.beat(), "add", {}, snapshot([schedule.pk]), note=FROM_THE_CODE)
    logger.info("a schedule came from the code", schedule=name)


def _change(schedule: PeriodicTask, known: CodeSchedule, values: dict[str, Any]) -> bool:
    """Write what the code says differently than before; return whether that is anything."""
    changes = {key: value for key, value in values.items() if known.values.get(key) != value}
    columns = _columns(changes)
    if not known.is_in_code:
        columns["enabled"] = values.get("enabled", True)
    if not columns:
        return False
    with audited(Asker.beat(), "edit", [schedule.pk], note=FROM_THE_CODE):
        # A narrow UPDATE: what else an operator writes at this moment stays.
        PeriodicTask.objects.filter(pk=schedule.pk).update(**columns)
        CodeSchedule.objects.filter(schedule=schedule).update(values=values, is_in_code=True)
    logger.info("the code changed a schedule", schedule=schedule.name, columns=sorted(columns))
    return True


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of `values`, where the rule is a reference to a row of its own."""
    columns = dict(values)
    if "rule" in columns:
        columns |= row_of_rule(columns.pop("rule"))
    return columns


def _disable_vanished(names: set[str]) -> int:
    ours = CodeSchedule.objects.filter(source=Source.BEAT_SCHEDULE, is_in_code=True)
    vanished = ours.exclude(schedule__name__in=names)
    ids = list(vanished.values_list("schedule_id", flat=True))
    if not ids:
        return 0
    with audited(Asker.beat(), "disable", ids, note=VANISHED):
        CodeSchedule.objects.filter(schedule_id__in=ids).update(is_in_code=False)
        PeriodicTask.objects.filter(id__in=ids).update(enabled=False)
    logger.info("schedules that vanished from the code were disabled", schedules=len(ids))
    return len(ids)
