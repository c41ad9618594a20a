"""Schedules that are in trouble, and looks at them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.core import mail
from django_celery_beat.models import PeriodicTask

from beat.models import Policy
from jobs.alerts.telling import Ledger, tell
from jobs.alerts.watching import watch
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.integration.outgoing_runs import NOW, make_run, make_schedule


def asking(name: str = "Weather", **policy: Any) -> PeriodicTask:
    """Return a schedule whose policy names somebody to tell."""
    schedule = make_schedule(name)
    Policy.objects.create(schedule=schedule, **{"alert_to": "ada@example.org"} | policy)
    return schedule


def look(now: datetime = NOW) -> list[str]:
    """Look and tell as the task does; return the subjects of the mails."""
    watch(now)
    tell(now)
    subjects = [str(message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return subjects


def ended(schedule: PeriodicTask, state: State, minutes_ago: int, **values: Any) -> Run:
    """Return a run that is over."""
    finished_at = NOW - timedelta(minutes=minutes_ago)
    values = {"finished_at": finished_at, "reason_text": "No room left.", **values}
    return make_run(minutes_ago, schedule=schedule, state=state, **values)


def meanwhile(act: Callable[[], object], opening: int) -> Ledger:
    """Return a ledger of `tell` that lets another one act right before it is opened so often.

    It is opened for the list of mails (0), for the begin (1) and the end (2) of each mail that is
    sent, and at last for what was told (3, when one was sent).
    """
    openings = count()

    @contextmanager
    def ledger() -> Iterator[None]:
        if next(openings) == opening:
            act()
        yield

    return ledger
