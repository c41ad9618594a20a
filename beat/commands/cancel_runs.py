"""Cancel the runs under way of schedules."""

from typing import Any

from django.core.management.base import OutputWrapper

from beat.access.asker import Asker
from beat.actions.outcome import Outcome
from beat.actions.retry_and_cancel import cancel_runs
from beat.commands._acting import act, add_schedules

add_arguments = add_schedules


def handle(options: dict[str, Any], stdout: OutputWrapper) -> int:
    """Cancel what waits, ask what runs to end."""

    def do(ids: list[int], asker: Asker) -> Outcome:
        return cancel_runs(ids, asker, why=options["why"])

    return act("cancel the runs of", options, stdout, do)
