"""Skip the next occurrence of schedules."""

from typing import Any

from django.core.management.base import OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.skip_next import skip_next
from beat.commands._acting import act, add_schedules

add_arguments = add_schedules


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Write the skipped occurrences down; asked again, it skips those after them."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return skip_next(ids, asker, why=options["why"])

    return act("skip the next occurrence of", options, stdout, do)
