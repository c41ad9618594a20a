"""Apps that have a say in what people do to runs by hand, and want to know of it.

They register when they start: whose schedules runs belong to is not known here.
"""

from typing import Protocol
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from jobs.runs.models import Run


class Interested(Protocol):
    """What such an app answers."""

    def why_not(self, run: Run, person: AbstractBaseUser) -> str:
        """Return why this person may not touch the run, as a sentence; empty when they may."""
        ...

    def was_done(self, request: HttpRequest, run: Run, action: str, why: str) -> None:
        """Write down that it was done."""
        ...


_registered: list[Interested] = []


def register(app: Interested) -> None:
    """Ask and tell this app from now on; once is enough."""
    if app not in _registered:
        _registered.append(app)


def why_not(run_id: UUID, person: AbstractBaseUser | None) -> str:
    """Return the first reason against it; nobody stands for the command line, which may.

    Raises Run.DoesNotExist.
    """
    if person is None or not _registered:
        return ""
    run = Run.objects.only("id", "schedule_id").get(id=run_id)
    return next(filter(None, (app.why_not(run, person) for app in _registered)), "")


def tell(request: HttpRequest, run: Run, action: str, why: str = "") -> None:
    """Tell everybody what a person did to a run, such as "retry".

    Afterwards, since no transaction may be open while a worker is told to kill a run: who is
    interrupted in between leaves the run's own row, which says who it was.
    """
    for app in _registered:
        app.was_done(request, run, action, why)
