"""The page on which a report is written in SQL."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from jobs.reports.admin.dressing import dress
from jobs.reports.admin.links import links_of, may_define, sql_address
from jobs.reports.admin.recording import picture_of
from jobs.reports.models import Report, SqlDefinition
from jobs.reports.reading.defined import undefined_among
from jobs.reports.sql.editing.editor import SqlEditor
from jobs.reports.sql.editing.preview import Preview, preview_of
from jobs.runs.trail import record

TEMPLATE = "reports/admin/sql.html"


class SqlPage:
    """The views of the page, within the admin of reports."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def add(self, request: HttpRequest) -> HttpResponse:
        """Show an empty page, preview what it posts, or save it as a new report."""
        _check_allowed(request)
        return self._answer(request, None)

    def change(self, request: HttpRequest, report_id: int) -> HttpResponse:
        """Show a report's page, preview what it posts, or save it."""
        _check_allowed(request)
        found = SqlDefinition.objects.select_related("report")
        if request.method != "POST" or "_preview" in request.POST:
            # Outside of a transaction: the row must not stay locked while the query runs.
            return self._answer(request, _stored(found, report_id))
        with transaction.atomic():
            locked = found.select_for_update(of=("self",))
            return self._answer(request, _stored(locked, report_id))

    def _answer(self, request: HttpRequest, stored: SqlDefinition | None) -> HttpResponse:
        editor = SqlEditor(stored, request.POST if request.method == "POST" else None)
        if request.method != "POST" or not editor.is_valid():
            return self._show(request, editor)
        if "_preview" in request.POST:
            by = request.user.get_username()
            return self._show(request, editor, preview_of(editor, timezone.now(), by))
        if not editor.is_current():
            return self._show(request, editor)
        report = _saved(request, editor)
        messages.success(request, f"The report “{report.title}” was saved.")
        return HttpResponseRedirect(sql_address(report))

    def _show(
        self, request: HttpRequest, editor: SqlEditor, preview: Preview | None = None
    ) -> HttpResponse:
        rows = (editor.parameters, editor.columns, editor.sections)
        dress([editor.words, editor.query, *(form for part in rows for form in part)])
        report = editor.stored.report if editor.stored else None
        context = {
            **self.admin.admin_site.each_context(request),
            "title": f"SQL of {report.title}" if report else "A new report in SQL",
            "opts": self.admin.opts,
            "editor": editor,
            "preview": preview,
            "report": report,
            "report_links": links_of(report, request.user) if report else [],
            "zones": sorted(available_timezones()),
        }
        return render(request, TEMPLATE, context)


def _stored(found: "QuerySet[SqlDefinition]", report_id: int) -> SqlDefinition:
    """Return the report's definition, a new one where it has lost its own; else raise Http404."""
    stored = found.filter(pk=report_id).first()
    if stored is not None:
        return stored
    report = get_object_or_404(Report, pk=report_id)
    if report.pk not in undefined_among([report]):
        raise Http404("This report is written in code.")
    return SqlDefinition(report=report, zone=settings.TIME_ZONE)


def _check_allowed(request: HttpRequest) -> None:
    if not may_define(request.user):
        raise PermissionDenied


@transaction.atomic
def _saved(request: HttpRequest, editor: SqlEditor) -> Report:
    """Save the report; who writes a new one owns it."""
    before = picture_of(editor.stored.pk if editor.stored else None)
    if editor.stored is None:
        editor.words.instance.owner = request.user
    report = editor.save()
    record(request, report, before, picture_of(report.pk))
    return report
