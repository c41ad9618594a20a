"""Reports in the admin: what their owners decide about them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from unfold.admin import ModelAdmin

from jobs.reports.admin.links import links_of, may_define
from jobs.reports.admin.recording import picture_of
from jobs.reports.admin.removal_page import RemovalPage
from jobs.reports.admin.settings_form import SettingsForm
from jobs.reports.admin.sql_page import SqlPage
from jobs.reports.delivery.admin import GateInline
from jobs.reports.models import Report, ReportTag
from jobs.reports.registry import definitions, definitions_in_code
from jobs.runs.recorded_admin import RecordedAdmin
from jobs.runs.trail import Picture


@admin.register(Report)
class ReportAdmin(RecordedAdmin, ModelAdmin):  # type: ignore[misc]
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
    inlines = (GateInline,)
    change_form_before_template = "reports/admin/links.html"

    @admin.display(description="Written in", boolean=False)
    def written_in(self, report: Report) -> str:
        """Return where the report is defined."""
        if hasattr(report, "sql"):
            return "SQL"
        return "code" if report.slug in definitions_in_code() else "no longer defined"

    def get_urls(self) -> list[Any]:
        """Add the pages of reports that are written in SQL."""
        page, removal = SqlPage(self), RemovalPage(self)
        view = self.admin_site.admin_view
        return [
            path("sql/add/", view(page.add), name="reports_sql_add"),
            path("<int:report_id>/sql/", view(page.change), name="reports_sql_change"),
            path("<int:report_id>/sql/remove/", view(removal.remove), name="reports_sql_remove"),
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
        """Return whether the report is not in code and has no version that somebody relies on."""
        if obj is None or obj.slug in definitions_in_code() or not may_define(request.user):
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

    def picture_of_row(self, row: Report) -> Picture:
        """Return the report's settings, and its query where it has one."""
        return picture_of(row.pk)


@admin.register(ReportTag)
class ReportTagAdmin(RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """The words under which readers find reports."""

    search_fields = ("name",)
