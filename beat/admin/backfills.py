"""Backfills: who asked for which, how far each is, and the way to end one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from beat.access.asker import Asker
from beat.access.deciding import Act, may
from beat.access.schedule_admin import person
from beat.actions.cancel_backfill import cancel_backfill
from beat.asking.forms import AskingForm
from beat.backfills.standing import standing_of
from beat.models import Backfill
from jobs.runs.read_only_admin import ReadOnlyAdmin


@admin.register(Backfill)
class BackfillAdmin(ReadOnlyAdmin):
    """The backfills: who may see schedules may see them, who may operate theirs may end them."""

    nothing = "Nobody has asked for a backfill yet"
    when_empty = "To make up for occurrences of the past, choose “Backfill” on a schedule's page."
    list_display = ("__str__", "from_at", "before_at", "total", "asked_name", "asked_at", "ended")
    ordering = ("-id",)
    search_fields = ("schedule_name",)
    list_per_page = 50

    @admin.display(description="ended")
    def ended(self, backfill: Backfill) -> str:
        """Return how it ended, in words."""
        if backfill.ended_at is None:
            return "goes on"
        return backfill.end_text or "all were made"

    def has_view_permission(self, request: HttpRequest, obj: Backfill | None = None) -> bool:
        """Return whether the person may see schedules."""
        return may(person(request), Act.VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may see schedules."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        """Add the page that asks before one is ended."""
        page = self.admin_site.admin_view(
            require_http_methods(["GET", "HEAD", "POST"])(self.cancel)
        )
        return [path("<int:pk>/cancel/", page, name="beat_backfill_cancel"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show how far it is; the page renews itself while it goes on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        backfill = get_object_or_404(Backfill, pk=object_id if object_id.isdigit() else 0)
        schedule = backfill.schedule
        context = {
            **self.admin_site.each_context(request),
            "title": str(backfill),
            "opts": self.opts,
            "backfill": backfill,
            "standing": standing_of(backfill),
            "may_cancel": backfill.ended_at is None
            and schedule is not None
            and may(person(request), Act.OPERATE, schedule),
        }
        return TemplateResponse(request, "beat/asking/backfill.html", context)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, or end it and say what came of it."""
        if not may(person(request), Act.OPERATE):
            raise PermissionDenied
        backfill = get_object_or_404(Backfill, pk=pk)
        form = AskingForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": f"Cancel: {backfill}",
                "opts": self.opts,
                "backfill": backfill,
                "form": form,
                "back": reverse("admin:beat_backfill_change", args=[pk]),
            }
            return TemplateResponse(request, "beat/asking/cancel_backfill.html", context)
        outcome = cancel_backfill(backfill, Asker.of_request(request), why=form.cleaned_data["why"])
        level = messages.WARNING if outcome.refused else messages.SUCCESS
        for sentence in outcome.sentences():
            messages.add_message(request, level, sentence)
        return HttpResponseRedirect(backfill.get_absolute_url())
