"""Rehearse: a run whose mail goes to the one who asked, and whose database writes are undone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from beat.access.asker import Asker
from beat.actions.outcome import ActionRefusedError, Outcome
from beat.actions.run_now import ask_for_runs
from jobs.runs.rehearsal import header_of
from jobs.runs.states import Kind, Overlap

MOST_AT_ONCE = 100


def rehearse(
    schedule_ids: Iterable[int],
    asker: Asker,
    *,
    args: list[Any] | None = None,
    kwargs: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    mail_to: str = "",
    why: str = "",
    token: UUID | None = None,
) -> Outcome:
    """Write a run of each schedule that leaves nothing behind; `made` are their ids.

    Its mail goes to `mail_to`, by default the asker's own address; without any it is held back.
    It is in no other run's way, and is tried once. What it cannot undo says docs/actions.md.
    Raises ActionRefusedError.
    """
    ids = list(schedule_ids)
    if len(ids) > MOST_AT_ONCE:
        raise ActionRefusedError(f"Rehearse at most {MOST_AT_ONCE} schedules at once.")
    return ask_for_runs(
        ids, asker, Kind.REHEARSAL, args=args, kwargs=kwargs, due_at=due_at, why=why, token=token,
        headers=header_of(mail_to or address_of(asker)), overlap=Overlap.ALLOW.value,
        max_attempts=1, max_losses=0,
    )  # fmt: skip


def address_of(asker: Asker) -> str:
    """Return the asker's mail address; empty without one."""
    if asker.user_id is None:
        return ""
    found = User.objects.filter(pk=asker.user_id).values_list("email", flat=True).first()
    return found or ""
