"""The page of a schedule as code: its text, and handing it over to a file or taking it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.deciding import Act, may, of_others
from beat.access.schedule_admin import person
from beat.as_code.from_rows import Stored
from beat.as_code.ownership import adopt, release, stored_of, why_not_adopted
from beat.as_code.writing import entry

HANDED_OVER = "Handed over. Put its text into the file before the next sync with --prune."
RELEASED = "Released. Take it out of the file, else the next sync is refused."


class ScheduleCode:
    """Adds `<id>/code/` to the admin of schedules."""

    def get_urls(self) -> list[Any]:
        """Add the page."""
        page = self.admin_site.admin_view(self.code_view)  # type: ignore[attr-defined]
        return [
            path("<int:schedule_id>/code/", page, name="beat_schedule_code"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def code_view(self, request: HttpRequest, schedule_id: int) -> HttpResponse:
        """Show the text; a POST hands the schedule over, or takes it back."""
        if not may(person(request), Act.VIEW):
            raise PermissionDenied
        stored = stored_of(schedule_id)
        if stored is None:
            raise Http404
        if request.method == "POST":
            return _change(request, stored)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": f"{stored.name} as code",
            "stored": stored,
            "text": entry(stored.text) if stored.text is not None else "",
            "why_not": why_not_adopted(stored),
            "may_change": _may_change(request, schedule_id),
            "opts": self.opts,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "beat/as_code/page.html", context)


def _change(request: HttpRequest, stored: Stored) -> HttpResponse:
    if not _may_change(request, stored.schedule_id):
        raise PermissionDenied
    asker = Asker.of_request(request)
    if request.POST.get("do") == "release":
        unknown = release([stored.key], asker)
        sentence = RELEASED if not unknown else "It was released already."
    else:
        sentence = adopt(stored.schedule_id, asker) or HANDED_OVER
    messages.info(request, sentence)
    return HttpResponseRedirect(request.path)


def _may_change(request: HttpRequest, schedule_id: int) -> bool:
    """Return whether the person could change it if it were the admin's."""
    schedules = PeriodicTask.objects.filter(pk=schedule_id)
    return may(person(request), Act.CHANGE) and not of_others(person(request), schedules).exists()
