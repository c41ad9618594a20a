"""Rehearsals: runs that are to leave nothing behind. The message says so, and a worker obeys.

The header stands among the run's own headers, so that each attempt has it.
"""

from dataclasses import dataclass
from typing import Any

HEADER = "punctual_rehearsal"


@dataclass(frozen=True)
class Rehearsal:
    """That a run is one; its mail goes to `mail_to`, or nowhere when that is empty."""

    mail_to: str = ""


def header_of(mail_to: str) -> dict[str, dict[str, str]]:
    """Return the header of a rehearsal's message."""
    return {HEADER: {"mail_to": mail_to}}


def rehearsal_of(value: Any) -> Rehearsal | None:
    """Return what a message's header says; None when it is none. Anybody may write a message."""
    if not value:
        return None
    mail_to = value.get("mail_to") if isinstance(value, dict) else ""
    return Rehearsal(mail_to if isinstance(mail_to, str) else "")
