"""A claim and an operator's transaction on the same schedules: neither ends the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from beat.claim.claiming import claim
from beat.models import Timer
from jobs.runs.models import Run
from tests.integration.due_schedules import NOON, minutely
from tests.integration.test_claim_races import hold_before_insert, in_thread, sessions_that_wait
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
DELETE = "DELETE FROM django_celery_beat_periodictask WHERE id = %s"
# A new name changes a key of the row, so that it locks as hard as a deletion.
RENAME = "UPDATE django_celery_beat_periodictask SET name = 'new', queue = 'q' WHERE id = %s"


def execute(sql: str, *values: int) -> None:
    """Execute a statement as a person with psql does."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize("statement", [DELETE, RENAME])
def test_whoever_deletes_or_renames_a_schedule_during_its_claim_waits_and_both_succeed(
    monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    if connection.vendor == "sqlite":
        return  # One writer at a time: there is nothing to wait around.
    schedule = minutely()
    reached, go_on = hold_before_insert(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        claiming = in_thread(pool, lambda: claim(NOON + MINUTE, 10, "beat"))
        assert reached.wait(timeout=30)
        editing = in_thread(pool, lambda: execute(statement, schedule.pk))
        wait_until(lambda: sessions_that_wait() == 1, "the edit to wait for the claim")
        go_on.set()
        assert claiming.result(timeout=30).timers == 1
        editing.result(timeout=30)
    assert Run.objects.get().schedule_name == "minutely"
    assert not Timer.objects.filter(is_stale=False).exists()


@pytest.mark.parametrize("statement", [DELETE, RENAME])
def test_a_schedule_that_is_being_deleted_or_renamed_keeps_no_claim_waiting(statement: str) -> None:
    if connection.vendor == "sqlite":
        return
    edited, free = minutely("edited"), minutely("free")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        # Held as the row of an edit is before its trigger has come to the timer.
        execute("SELECT FROM django_celery_beat_periodictask WHERE id = %s FOR UPDATE", edited.pk)
        claimed = in_thread(pool, lambda: claim(NOON + MINUTE, 10, "beat")).result(timeout=30)
        execute(statement, edited.pk)
    assert claimed.run_counts == {free.pk: 1}
