"""Reports in the admin: what their owners decide about them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from unfold.admin import ModelAdmin

from jobs.reports.admin.links import links_of, may_define
from jobs.reports.admin.recording import picture_of, record
from jobs.reports.admin.settings_form import SettingsForm
from jobs.reports.admin.sql_page import SqlPage
from jobs.reports.delivery.admin import GateInline, RecipientInline
from jobs.reports.models import Report, ReportTag
from jobs.reports.registry import definitions


@admin.register(Report)
class ReportAdmin(ModelAdmin):  # type: ignore[misc]
    """The reports: settings of each, and a page for those that are written in SQL."""

    form = SettingsForm
    list_display = ("title", "slug", "written_in", "owner", "description")
    list_filter = ("tags", "groups")
    list_select_related = ("owner", "sql")
    search_fields = ("title", "slug")
    ordering = ("title",)
    show_full_result_count = False
    # No bulk action: what would be deleted are versions that somebody relies on.
    actions = None
    readonly_fields = ("title", "slug", "description")
    autocomplete_fields = ("owner",)
    fieldsets = (
        (None, {"fields": ("title", "slug", "description")}),
        ("Who", {"fields": ("owner", "groups", "is_sharing_allowed")}),
        ("How it is found", {"fields": ("tags",)}),
        ("What is made and kept", {"fields": ("formats", "versions_kept", "days_kept")}),
        ("Promise", {"fields": ("ready_within_seconds",)}),
    )
    inlines = (GateInline, RecipientInline)
    change_form_before_template = "reports/admin/links.html"

    @admin.display(description="Written in", boolean=False)
    def written_in(self, report: Report) -> str:
        """Return where the report is defined."""
        return "SQL" if hasattr(report, "sql") else "code"

    def get_urls(self) -> list[Any]:
        """Add the pages of reports that are written in SQL."""
        page = SqlPage(self)
        view = self.admin_site.admin_view
        return [
            path("sql/add/", view(page.add), name="reports_sql_add"),
            path("<int:report_id>/sql/", view(page.change), name="reports_sql_change"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        """Return whether the person may see reports, or write some."""
        return bool(super().has_view_permission(request, obj)) or may_define(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may write a report in SQL; others are written in code."""
        return may_define(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        """Return whether the person may decide about reports, or writes this one."""
        is_own_kind = obj is None or hasattr(obj, "sql")
        may_all = bool(super().has_change_permission(request, obj))
        return may_all or (is_own_kind and may_define(request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        """Return whether the report is in SQL and has no version that somebody may rely on."""
        if obj is None or not hasattr(obj, "sql") or not may_define(request.user):
            return False
        return not obj.versions.exists()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, with the reports in code that have not been made yet."""
        if request.method == "GET":
            Report.objects.bring_up_to_date(definitions().values())
        shown: HttpResponse = super().changelist_view(request, extra_context)
        return shown

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the page on which a report is written."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:reports_sql_add"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the settings, with the ways to the report's other pages."""
        report = self.get_object(request, object_id)
        links = links_of(report, request.user) if report else []
        context = {"report_links": links, **(extra_context or {})}
        shown: HttpResponse = super().change_view(request, object_id, form_url, context)
        return shown

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Remember how it was."""
        form.picture_before = picture_of(form.instance.pk)
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what comes last, and record what has become of it."""
        super().save_related(request, form, formsets, change)
        report = form.instance
        record(request, report, form.picture_before, picture_of(report.pk))

    def delete_model(self, request: HttpRequest, obj: Report) -> None:
        """Delete a report that was never made, and record it."""
        with transaction.atomic():
            before = picture_of(obj.pk)
            record(request, obj, before, {})
            super().delete_model(request, obj)


@admin.register(ReportTag)
class ReportTagAdmin(ModelAdmin):  # type: ignore[misc]
    """The words under which readers find reports."""

    search_fields = ("name",)
