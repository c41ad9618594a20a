"""The triggers as PostgreSQL (14 and newer) has them; `beat.triggers` installs them."""

# ruff: noqa: S608 -- all that is put into the SQL is a constant of this package

from beat.triggers.columns import RULES, SCHEDULE_COLUMNS, SCHEDULES, any_differs

NAMES_OF_TRIGGERS = """
    SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgname LIKE 'beat\\_%' AND pg_table_is_visible(tgrelid)
"""
# A connection keeps the plans of its first calls. Those of a table with one row would read all of
# it for each row of an edit, when there are 10,000: 13 s instead of 0.3.
LANGUAGE = "LANGUAGE plpgsql SET enable_seqscan = off"
# The timers are locked first and looked at afterwards, in a statement (and snapshot) of its own:
# while reconcile computes a stale timer from what was committed before, `NOT is_stale` alone
# would be false here without any waiting, and the edit would be lost when reconcile commits.
MARK_TIMERS = f"""
    CREATE OR REPLACE FUNCTION beat_mark_timers(ids bigint[]) RETURNS void AS $$
    BEGIN
        PERFORM 1 FROM beat_timer WHERE schedule_id = ANY (ids) ORDER BY schedule_id FOR UPDATE;
        UPDATE beat_timer SET is_stale = TRUE WHERE schedule_id = ANY (ids) AND NOT is_stale;
    END $$ {LANGUAGE}
"""


def _function(name: str, body: str, result: str = "NULL") -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ "
        f"BEGIN {body}; RETURN {result}; END $$ {LANGUAGE}"
    )


def _mark(ids: str) -> str:
    return f"PERFORM beat_mark_timers(ARRAY({ids}))"


def _trigger(name: str, event: str, table: str, call: str, when: str = "") -> str:
    condition = f"WHEN ({when})" if when else ""
    return (
        f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW {condition} EXECUTE FUNCTION {call}"
    )


FUNCTIONS = {
    "beat_mark_timers(bigint[])": MARK_TIMERS,
    "beat_add_timers()": _function(
        "beat_add_timers",
        "INSERT INTO beat_timer "
        "(schedule_id, definition, is_stale, set_aside_reason, set_aside_text) "
        "SELECT id, '', TRUE, '', '' FROM added ON CONFLICT DO NOTHING",
    ),
    "beat_schedule_edited()": _function(
        "beat_schedule_edited",
        # As beat_mark_timers does, at half the cost: an edit of 10,000 schedules calls it as often.
        "PERFORM 1 FROM beat_timer WHERE schedule_id = NEW.id FOR UPDATE; "
        "UPDATE beat_timer SET is_stale = TRUE WHERE schedule_id = NEW.id AND NOT is_stale",
    ),
    "beat_schedule_deleted()": _function(
        "beat_schedule_deleted",
        "DELETE FROM beat_timer WHERE schedule_id = OLD.id; "
        "DELETE FROM beat_policy WHERE schedule_id = OLD.id; "
        "DELETE FROM beat_codeschedule WHERE schedule_id = OLD.id; "
        "UPDATE runs_run SET schedule_id = NULL WHERE schedule_id = OLD.id",
        "OLD",
    ),
    "beat_policy_changed()": _function(
        "beat_policy_changed",
        "PERFORM beat_mark_timers(ARRAY[OLD.schedule_id::bigint, NEW.schedule_id::bigint])",
    ),
    "beat_calendar_edited()": _function(
        "beat_calendar_edited",
        _mark("SELECT schedule_id FROM beat_policy WHERE calendar_id = NEW.id"),
    ),
    "beat_calendar_entry_changed()": _function(
        "beat_calendar_entry_changed",
        _mark(
            "SELECT schedule_id FROM beat_policy "
            "WHERE calendar_id IN (OLD.calendar_id, NEW.calendar_id)"
        ),
    ),
} | {
    f"beat_{column.removesuffix('_id')}_edited()": _function(
        f"beat_{column.removesuffix('_id')}_edited",
        _mark(f"SELECT id FROM {SCHEDULES} WHERE {column} = NEW.id"),
    )
    for column, _ in RULES.values()
}

TRIGGERS = {
    "beat_schedules_added": (
        f"CREATE TRIGGER beat_schedules_added AFTER INSERT ON {SCHEDULES} "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION beat_add_timers()"
    ),
    # The list of columns keeps beat's own writing of last_run_at from costing anything.
    "beat_schedule_edited": _trigger(
        "beat_schedule_edited",
        f"AFTER UPDATE OF {', '.join(SCHEDULE_COLUMNS)}",
        SCHEDULES,
        "beat_schedule_edited()",
        any_differs(SCHEDULE_COLUMNS, "IS DISTINCT FROM"),
    ),
    "beat_schedule_deleted": _trigger(
        "beat_schedule_deleted", "BEFORE DELETE", SCHEDULES, "beat_schedule_deleted()"
    ),
    "beat_policy_added": _trigger(
        "beat_policy_added", "AFTER INSERT OR DELETE", "beat_policy", "beat_policy_changed()"
    ),
    "beat_policy_edited": _trigger(
        "beat_policy_edited",
        "AFTER UPDATE",
        "beat_policy",
        "beat_policy_changed()",
        "OLD IS DISTINCT FROM NEW",
    ),
    "beat_calendar_edited": _trigger(
        "beat_calendar_edited",
        "AFTER UPDATE",
        "beat_calendar",
        "beat_calendar_edited()",
        "OLD IS DISTINCT FROM NEW",
    ),
    "beat_calendar_entry_changed": _trigger(
        "beat_calendar_entry_changed",
        "AFTER INSERT OR UPDATE OR DELETE",
        "beat_calendarentry",
        "beat_calendar_entry_changed()",
    ),
} | {
    f"beat_{column.removesuffix('_id')}_edited": _trigger(
        f"beat_{column.removesuffix('_id')}_edited",
        f"AFTER UPDATE OF {', '.join(columns)}",
        table,
        f"beat_{column.removesuffix('_id')}_edited()",
        any_differs(columns, "IS DISTINCT FROM"),
    )
    for table, (column, columns) in RULES.items()
}

# The triggers go with their functions.
REMOVE = [f"DROP FUNCTION IF EXISTS {name} CASCADE" for name in FUNCTIONS]
