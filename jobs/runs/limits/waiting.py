"""Runs that wait for a slot of their key: which keys they have, and waking the first of them."""

from typing import NamedTuple

from django.db import connection

from jobs.runs.models import Run
from jobs.runs.states import WAITS_FOR_SLOT, State

MOST_AT_ONCE = 1_000
# From key to key by the index run_waits_for_slot: ten thousand runs that wait for one key are one
# step. The values stand in the text because the conditions of the indexes have to be recognised.
KEYS = """
    WITH RECURSIVE waiting(name) AS (
        SELECT (SELECT min(concurrency_key) FROM runs_run
                WHERE state = 'pending' AND reason = 'limit')
        UNION ALL
        SELECT (SELECT min(concurrency_key) FROM runs_run
                WHERE state = 'pending' AND reason = 'limit' AND concurrency_key > waiting.name)
        FROM waiting WHERE waiting.name IS NOT NULL
    )
    SELECT waiting.name,
        (SELECT task FROM runs_run
         WHERE state = 'pending' AND reason = 'limit' AND concurrency_key = waiting.name
         ORDER BY publish_at LIMIT 1),
        (SELECT count(*) FROM runs_run
         WHERE concurrency_key = waiting.name AND concurrency_slot IS NOT NULL
         AND state IN ('pending', 'queued', 'running'))
    FROM waiting WHERE waiting.name IS NOT NULL
"""


class WaitingKey(NamedTuple):
    """A key that runs wait for: the task of the first of them, and how many slots are held."""

    key: str
    task: str
    held: int


def waiting_keys() -> list[WaitingKey]:
    """Return the keys that runs wait for."""
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        return [WaitingKey(*row) for row in cursor.fetchall() if row[1] is not None]


def wake_first(key: str, most: int) -> int:
    """Make the longest waiting runs of the key ordinary pending ones; return how many."""
    waiting = Run.objects.filter(concurrency_key=key, state=State.PENDING, reason=WAITS_FOR_SLOT)
    first = waiting.order_by("publish_at").values_list("id", flat=True)
    ids = list(first[: min(most, MOST_AT_ONCE)])
    return waiting.filter(id__in=ids).update(concurrency_key="", reason="", reason_text="")
