"""Runs belong to schedules: their owners have a say in them, and their trails tell of them."""

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.deciding import of_others
from beat.audit.recording import record
from jobs.runs.models import Run


class RunsOfSchedules:
    """What is registered with the ledger (`jobs.runs.interested`)."""

    def why_not(self, run: Run, person: AbstractBaseUser) -> str:
        """Return why the person may not touch the run: its schedule belongs to others."""
        schedules = PeriodicTask.objects.filter(pk=run.schedule_id)
        others = of_others(person, schedules).select_related("details__owner")  # type: ignore[arg-type]
        schedule = others.first() if run.schedule_id else None
        if schedule is None:
            return ""
        owner = schedule.details.owner
        return f'Its schedule belongs to the group "{owner}", whose members alone may do that.'

    def was_done(self, request: HttpRequest, run: Run, action: str, why: str) -> None:
        """Write it into the trail of the run's schedule; a run without one tells itself."""
        if run.schedule_id is not None:
            seen = {run.schedule_id: {"name": run.schedule_name}}
            asker = Asker.of_request(request, origin=_origin(request))
            record(asker, f"{action} a run", seen, seen, why, f"Run {run.id}.", always=True)


def _origin(request: HttpRequest) -> str:
    match = request.resolver_match
    return "admin" if match is not None and match.app_name == "admin" else "page"
