"""Delete schedules; the history of their runs stays."""

from typing import Any

from django.core.management.base import OutputWrapper

from beat.access.asker import Asker
from beat.actions.delete import delete
from beat.actions.outcome import Outcome
from beat.commands._acting import act, add_schedules

add_arguments = add_schedules


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Do it and say so."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return delete(ids, asker, why=options["why"])

    return act("delete", options, stdout, do)
