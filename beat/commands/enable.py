"""Switch schedules on: they are due from now on."""

from typing import Any

from django.core.management.base import OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.switch import enable
from beat.commands._acting import act, add_schedules

add_arguments = add_schedules


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Do it and say so."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return enable(ids, asker, why=options["why"])

    return act("enable", options, stdout, do)
