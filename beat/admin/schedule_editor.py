"""The page of one schedule: everything about it in one place, with a preview of what it does."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from beat.access.asker import Asker
from beat.arguments.views import arguments_fragment
from beat.editing import page
from beat.editing.editor import Editor
from beat.editing.saving import save
from beat.editing.stored import stored

NAME_IS_TAKEN = "Another schedule has just got this name; write another one."


class ScheduleEditor(ModelAdmin):  # type: ignore[misc]
    """The editor, in place of the admin's own page of one row."""

    change_form_template = "beat/editor/page.html"

    def get_urls(self) -> list[Any]:
        """Add the addresses of the parts that change while the page is filled in."""
        preview = self.admin_site.admin_view(require_POST(self.preview))
        arguments = self.admin_site.admin_view(arguments_fragment)
        return [
            path("preview/", preview, name="beat_schedule_preview"),
            path("arguments/", arguments, name="beat_schedule_arguments"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Show what the posted forms would do; nothing is saved."""
        schedule = self._schedule(request, request.GET.get("schedule"))
        is_allowed = self.has_view_permission(request, schedule)
        if not is_allowed and (schedule or not self.has_add_permission(request)):
            raise PermissionDenied
        editor = Editor(stored(schedule) if schedule else None, request.POST)
        context = {"preview": page.preview_of_request(editor, request), "is_live": True}
        return render(request, "beat/editor/preview.html", context)

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> HttpResponse:
        """Show the page, or save what it posts; in place of the admin's own."""
        schedule = self._schedule(request, object_id)
        self._check(request, schedule, is_new=object_id is None)
        if object_id is not None and schedule is None:
            gone: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return gone
        if schedule is not None and not self.has_change_permission(request, schedule):
            return self._show(request, Editor(stored(schedule)), extra_context, is_read_only=True)
        editor = self._editor(request, schedule)
        is_to_save = request.method == "POST" and "_preview" not in request.POST
        if is_to_save and editor.is_valid() and (saved := self._saved(request, editor)):
            return self._after_saving(request, saved, is_new=schedule is None)
        return self._show(request, editor, extra_context)

    def _schedule(self, request: HttpRequest, object_id: str | None) -> PeriodicTask | None:
        found: PeriodicTask | None = (
            self.get_object(request, unquote(object_id)) if object_id else None
        )
        return found

    def _check(self, request: HttpRequest, schedule: PeriodicTask | None, *, is_new: bool) -> None:
        """Raise PermissionDenied for who may not do what the request asks for."""
        if is_new:
            is_allowed = self.has_add_permission(request)
        elif request.method == "POST":
            is_allowed = self.has_change_permission(request, schedule)
        else:
            is_allowed = self.has_view_or_change_permission(request, schedule)
        if not is_allowed:
            raise PermissionDenied

    def _editor(self, request: HttpRequest, schedule: PeriodicTask | None) -> Editor:
        """Return the forms; of a schedule that is to be saved its row is locked first."""
        data = request.POST if request.method == "POST" else None
        if schedule is None:
            return Editor(None, data, request.user, suggested=request.GET.dict())
        if data is not None:
            schedule = get_object_or_404(PeriodicTask.objects.select_for_update(), pk=schedule.pk)
        return Editor(stored(schedule), data, request.user)

    def _saved(self, request: HttpRequest, editor: Editor) -> PeriodicTask | None:
        try:
            return save(editor, Asker.of_request(request), request.POST.get("why", "").strip())
        # Saving looks at the name again, and then the database does.
        except (IntegrityError, ValidationError):
            editor.schedule.add_error("name", NAME_IS_TAKEN)
            return None

    def _after_saving(
        self, request: HttpRequest, schedule: PeriodicTask, *, is_new: bool
    ) -> HttpResponse:
        """Return to where the button says, with a word about what was done."""
        what = "added" if is_new else "saved"
        self.message_user(request, f"The schedule “{schedule.name}” was {what}.", messages.SUCCESS)
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        if "_addanother" in request.POST:
            return HttpResponseRedirect(reverse(f"{name}_add"))
        if "_continue" in request.POST or not self.has_view_permission(request):
            return HttpResponseRedirect(reverse(f"{name}_change", args=[schedule.pk]))
        return HttpResponseRedirect(reverse(f"{name}_changelist"))

    def _show(
        self, request: HttpRequest, editor: Editor, extra: Any, *, is_read_only: bool = False
    ) -> HttpResponse:
        schedule = editor.stored.schedule if editor.stored else None
        context = {
            **self.admin_site.each_context(request),
            "title": schedule_title(editor),
            "object_id": schedule and schedule.pk,
            "original": schedule and Named(schedule.pk, schedule_title(editor)),
            "adminform": AdminForm(editor.schedule, [], {}, (), self),
            "inline_admin_formsets": [],
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
            **page.context_of(request, editor, is_read_only=is_read_only),
            **(extra or {}),
        }
        shown: HttpResponse = self.render_change_form(
            request, context, add=schedule is None, change=schedule is not None, obj=schedule
        )
        return shown


@dataclass(frozen=True)
class Named:
    """A schedule in the page's heading, where its own text is that of its shared rule."""

    pk: int
    name: str
    _meta = PeriodicTask._meta  # noqa: SLF001 -- documented by Django

    def __str__(self) -> str:
        return self.name


def schedule_title(editor: Editor) -> str:
    """Return the page's title: the stored name, whatever was typed meanwhile."""
    return editor.stored.row.name if editor.stored else "New schedule"
