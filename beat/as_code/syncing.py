"""A sync: the database is made to say what the files say, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.as_code.checking import Known, problems_of
from beat.as_code.from_rows import of_files
from beat.as_code.locking import wait_for_other_syncs
from beat.as_code.plan import Plan, Wishes, plan
from beat.as_code.problems import FileError
from beat.as_code.reading import Placed
from beat.as_code.to_rows import ids_of, write
from beat.audit.recording import record, snapshot
from beat.editing.rules import clean_up_unused_rules, rules_of

ORIGIN = "schedules file"


def compare(placed: Sequence[Placed], wishes: Wishes, file: str, now: datetime) -> Plan:
    """Return what a sync would do; raises FileError for what it would refuse.

    What the database says already is not checked again: nothing would be written. `lint` looks
    at all of a file.
    """
    return _checked(_planned(placed, wishes, file), placed, now)


def sync(placed: Sequence[Placed], wishes: Wishes, file: str, asker: Asker, now: datetime) -> Plan:
    """Do what `compare` says and return it; writes all or, with FileError, nothing.

    Syncs at the same time follow one another. Whoever edits one of these schedules at the same
    time by another way waits for the end, or is waited for.
    """
    with transaction.atomic():
        wait_for_other_syncs()
        made = _planned(placed, wishes, file)
        if not made.is_different:
            return _checked(made, placed, now)
        # Only what differs is locked: beat counts the runs of all others meanwhile.
        _lock(ids_of(made.steps))
        made = compare(placed, wishes, file, now)
        before = snapshot(ids_of(made.steps))
        rules = rules_of(ids_of(made.steps))
        touched = write(made.steps, Known.of_database(), now)
        record(asker, "sync", before, snapshot({*before, *touched}), note=f"From {file}.")
    clean_up_unused_rules(rules)
    return made


def _planned(placed: Sequence[Placed], wishes: Wishes, file: str) -> Plan:
    return plan(placed, of_files([item.text.name for item in placed]), wishes, file)


def _checked(made: Plan, placed: Sequence[Placed], now: datetime) -> Plan:
    """Return the plan; raises FileError for what is wrong with it and what it would write."""
    written = {step.key for step in made.steps if step.text is not None}
    differing = [item for item in placed if item.text.key in written]
    problems = problems_of(differing, Known.of_database(), now) if differing else []
    if problems := problems + made.problems:
        raise FileError(problems)
    return made


def _lock(schedule_ids: Sequence[int]) -> None:
    rows = PeriodicTask.objects.filter(pk__in=schedule_ids).order_by("pk")
    # The weakest lock that an edit of the row waits for; beat's inserts of runs do not wait.
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
