"""A schedule that a file says, as the rows that it would be; nothing is written."""

import json
from typing import Any

from beat.as_code.policy_words import columns_of_policy
from beat.as_code.schedule_text import ScheduleText
from beat.definition import ScheduleRow
from beat.definition.rows import POLICY_COLUMNS

UNSAVED_ID = 0
# Of a rule that has no row yet.
UNSAVED_RULE = {f"{kind}_id": None for kind in ("interval", "crontab", "solar", "clocked")}


def task_columns(text: ScheduleText) -> dict[str, Any]:
    """Return the columns of the schedule's own row; those of its rule are not among them."""
    return {
        "name": text.name,
        "task": text.task,
        "description": text.description,
        "args": json.dumps(text.args),
        "kwargs": json.dumps(text.kwargs),
        "headers": json.dumps(text.headers),
        "enabled": text.enabled,
        "one_off": text.one_off,
        "start_time": text.starts_at,
        "expires": text.expires_at,
        "expire_seconds": text.runs_expire_after_seconds,
        "queue": text.queue or None,
        "exchange": text.exchange or None,
        "routing_key": text.routing_key or None,
        "priority": text.priority,
    }


def unsaved_row(text: ScheduleText, schedule_id: int = UNSAVED_ID) -> ScheduleRow:
    """Return what beat would read; it has no calendar, which is known by its name here."""
    rule = dict(text.when)
    policy = columns_of_policy(text.policy)
    values: dict[str, Any] = {
        **task_columns(text),
        **UNSAVED_RULE,
        f"{rule.pop('kind')}_id": UNSAVED_ID,
        **rule,
        **{name: policy[name] for name in POLICY_COLUMNS if name in policy},
    }
    known = {name: values[name] for name in ScheduleRow._fields if name in values}
    return ScheduleRow(**known | {"id": schedule_id, "calendar_id": None})
