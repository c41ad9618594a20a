"""The triggers as SQLite has them; `beat.triggers` installs them.

One writer at a time and IMMEDIATE transactions: no edit can come between reconcile's reading and
its commit, so that a stale timer may be passed over without locking it.
"""

# ruff: noqa: S608 -- all that is put into the SQL is a constant of this package

from beat.triggers.columns import RULES, SCHEDULE_COLUMNS, SCHEDULES, any_differs

NAMES_OF_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
FUNCTIONS: dict[str, str] = {}


def _trigger(name: str, event: str, body: str, when: str = "") -> str:
    condition = f"WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} {event} {condition} BEGIN {body}; END"


def _mark(ids: str) -> str:
    return f"UPDATE beat_timer SET is_stale = 1 WHERE NOT is_stale AND schedule_id IN ({ids})"


def _of_calendar(calendar_id: str) -> str:
    return _mark(f"SELECT schedule_id FROM beat_policy WHERE calendar_id = {calendar_id}")


TRIGGERS = {
    "beat_schedule_added": _trigger(
        "beat_schedule_added",
        f"AFTER INSERT ON {SCHEDULES}",
        "INSERT OR IGNORE INTO beat_timer "
        "(schedule_id, definition, is_stale, set_aside_reason, set_aside_text) "
        "VALUES (NEW.id, '', 1, '', '')",
    ),
    "beat_schedule_edited": _trigger(
        "beat_schedule_edited",
        f"AFTER UPDATE OF {', '.join(SCHEDULE_COLUMNS)} ON {SCHEDULES}",
        _mark("NEW.id"),
        any_differs(SCHEDULE_COLUMNS, "IS NOT"),
    ),
    "beat_schedule_deleted": _trigger(
        "beat_schedule_deleted",
        f"BEFORE DELETE ON {SCHEDULES}",
        "DELETE FROM beat_timer WHERE schedule_id = OLD.id; "
        "DELETE FROM beat_policy WHERE schedule_id = OLD.id; "
        "DELETE FROM beat_codeschedule WHERE schedule_id = OLD.id; "
        "UPDATE runs_run SET schedule_id = NULL WHERE schedule_id = OLD.id",
    ),
    "beat_policy_added": _trigger(
        "beat_policy_added", "AFTER INSERT ON beat_policy", _mark("NEW.schedule_id")
    ),
    # SQLite compares no whole rows: a policy saved without any change marks its timer as well.
    "beat_policy_edited": _trigger(
        "beat_policy_edited",
        "AFTER UPDATE ON beat_policy",
        _mark("OLD.schedule_id, NEW.schedule_id"),
    ),
    "beat_policy_deleted": _trigger(
        "beat_policy_deleted", "AFTER DELETE ON beat_policy", _mark("OLD.schedule_id")
    ),
    "beat_calendar_edited": _trigger(
        "beat_calendar_edited", "AFTER UPDATE ON beat_calendar", _of_calendar("NEW.id")
    ),
    "beat_calendar_entry_added": _trigger(
        "beat_calendar_entry_added",
        "AFTER INSERT ON beat_calendarentry",
        _of_calendar("NEW.calendar_id"),
    ),
    "beat_calendar_entry_edited": _trigger(
        "beat_calendar_entry_edited",
        "AFTER UPDATE ON beat_calendarentry",
        f"{_of_calendar('OLD.calendar_id')}; {_of_calendar('NEW.calendar_id')}",
    ),
    "beat_calendar_entry_deleted": _trigger(
        "beat_calendar_entry_deleted",
        "AFTER DELETE ON beat_calendarentry",
        _of_calendar("OLD.calendar_id"),
    ),
} | {
    f"beat_{column.removesuffix('_id')}_edited": _trigger(
        f"beat_{column.removesuffix('_id')}_edited",
        f"AFTER UPDATE OF {', '.join(columns)} ON {table}",
        _mark(f"SELECT id FROM {SCHEDULES} WHERE {column} = NEW.id"),
        any_differs(columns, "IS NOT"),
    )
    for table, (column, columns) in RULES.items()
}
REMOVE = [f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS]
