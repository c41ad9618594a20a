"""Let the occurrences to come that somebody has skipped run after all."""

from typing import Any

from django.core.management.base import OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.undo_skip import undo_skip
from beat.commands._acting import act, add_schedules

add_arguments = add_schedules


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Take the skips back; asked again, there is nothing to do."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return undo_skip(ids, asker, why=options["why"])

    return act("undo the skips of", options, stdout, do)
