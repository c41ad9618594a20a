"""Deletes what is past its retention."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from jobs.cleanup.applying import Applied, apply_all, in_words
from jobs.cleanup.policies import assignments
from jobs.cleanup.recording import record
from jobs.runs.current import run_id


class CleanupBrokeError(Exception):
    """One or more retention rules broke; the others were applied."""


@shared_task(name="cleanup.run")
def run(dry_run: bool = False) -> dict[str, Any]:
    """Apply every retention rule as its policy says; return what each did.

    It counts from now, not from when the run was due: a late run must not keep longer. Raises
    CleanupBrokeError at the end when a rule broke; the message tells about all of them.

    Args:
        dry_run: Delete nothing, and say what would be deleted.
    """
    now = timezone.now()
    results = apply_all(assignments(), now, dry_run)
    if not dry_run:
        record(results, now, run_id())
    _raise_if_broken(results, dry_run)
    return {"dry_run": dry_run, "rules": [applied.as_json() for applied in results]}


def _raise_if_broken(results: list[Applied], dry_run: bool) -> None:
    broken = [applied for applied in results if applied.error]
    if broken:
        # The broken ones first: a list of runs shows the beginning only.
        busy = [applied for applied in results if applied.count and not applied.error]
        raise CleanupBrokeError(
            f"{len(broken)} of {len(results)} rules broke. "
            + ". ".join(in_words(applied, dry_run) for applied in [*broken, *busy])
            + ". The others found nothing."
        )
