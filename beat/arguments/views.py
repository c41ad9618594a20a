"""The form of arguments while the page around it is being filled in."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from beat.access.deciding import Act, may
from beat.arguments.form import ArgumentsForm


@require_POST
def arguments_fragment(request: HttpRequest) -> HttpResponse:
    """Return the fields for the task of the posted page, with what it holds for them.

    Nothing is saved. The page is the caller's own address for it, which the fragment repeats.
    """
    if not may(request.user, Act.VIEW):
        raise PermissionDenied
    posted = request.POST
    form = ArgumentsForm.redrawn(
        posted.get("task", "").strip(),
        posted,
        queue=posted.get("queue", "").strip(),
        exchange=posted.get("exchange", "").strip(),
    )
    shown = {"arguments": form, "arguments_address": request.path}
    return render(request, "beat/arguments.html", shown)
