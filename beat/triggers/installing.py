"""Database triggers that mark a timer stale when its schedule was edited, whatever the route.

A form, a bulk action, `QuerySet.update` and plain SQL all pass through the database. What a
schedule's timer does not depend on (name, description, last_run_at, total_run_count) marks
nothing. Weakness: a schedule that changes to another rule row while that row is edited in a second
transaction may be marked before both are visible; `beat.reconcile.comparing` finds it.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from beat.triggers import postgresql, sqlite

VENDORS = {"postgresql": postgresql, "sqlite": sqlite}
TABLES = {"beat_timer", "beat_policy", "beat_calendarentry", "beat_codeschedule", "runs_run"}
ADD_MISSING_TIMERS = """
    INSERT INTO beat_timer (schedule_id, definition, is_stale, set_aside_reason, set_aside_text)
    SELECT id, '', TRUE, '', '' FROM django_celery_beat_periodictask AS schedule
    WHERE NOT EXISTS (SELECT 1 FROM beat_timer WHERE schedule_id = schedule.id)
    ON CONFLICT DO NOTHING
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that are missing, and a stale timer for each schedule without one.

    Their functions are those of this version afterwards, also where no trigger is missing.
    """
    vendor = VENDORS[connection.vendor]
    with connection.cursor() as cursor:
        for statement in vendor.FUNCTIONS.values():
            cursor.execute(statement)
        cursor.execute(vendor.NAMES_OF_TRIGGERS)
        missing = vendor.TRIGGERS.keys() - {name for (name,) in cursor.fetchall()}
        if not missing:
            return
        for name in missing:
            cursor.execute(vendor.TRIGGERS[name])
        cursor.execute(ADD_MISSING_TIMERS)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers and their functions; edits are then seen by the full comparison only."""
    with connection.cursor() as cursor:
        for statement in VENDORS[connection.vendor].REMOVE:
            cursor.execute(statement)


def make_way(using: str, plan: list[Any], **_: Any) -> None:
    """Remove the triggers when there are migrations to run, of whichever app; for `pre_migrate`.

    SQLite renames no table that a trigger writes to (it rebuilds tables by renaming them), and
    PostgreSQL changes no type of a column that a trigger looks at.
    """
    if plan:
        remove(connections[using])


def come_back(using: str, **_: Any) -> None:
    """Install what `make_way` removed, unless beat's tables are gone; for `post_migrate`.

    Edits of a running system in between are found by the full comparison.
    """
    connection = connections[using]
    if set(connection.introspection.table_names()) >= TABLES:
        install(connection)
