"""The history of runs, and one run's page."""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobs.runs.models import Run
from jobs.runs.pages import BrokenPositionError, page_of_runs
from jobs.runs.states import State


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """Return the runs, newest first; `state` filters, `older_than` pages."""
    state = request.GET.get("state", "")
    if state and state not in State.values:
        raise BadRequest(f"There is no state {state!r}.")
    runs = Run.objects.filter(state=state) if state else Run.objects.all()
    try:
        page = page_of_runs(
            runs.defer("args", "kwargs", "result", "error", "traceback"),
            request.GET.get("older_than", ""),
        )
    except BrokenPositionError:
        raise BadRequest("The position in the address is broken.") from None
    context = {"page": page, "states": SHOWN_STATES, "chosen": state}
    return render(request, "runs/history.html", context)


@require_safe
@login_required
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Return one run's page: its life, what it was given and what came of it."""
    found = get_object_or_404(Run, id=run_id)
    context = {
        "run": found,
        "arguments": readable_json({"args": found.args, "kwargs": found.kwargs}),
        "result": "" if found.result is None else readable_json(found.result),
    }
    return render(request, "runs/run.html", context)


# Nothing ends as lost before silent workers are noticed.
SHOWN_STATES = [state for state in State if state is not State.LOST]


def readable_json(value: object) -> str:
    """Return JSON on indented lines, as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
