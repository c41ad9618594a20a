"""The trail of everything, for reading: nobody adds to it, changes or deletes it here."""

from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from beat.audit.trail import shown_entry
from jobs.runs.read_only_admin import ReadOnlyAdmin

# Counting ends here, so that the list stays quick however long the trail is.
MOST_COUNTED = 10_000
NAMES_SHOWN = 5

admin.site.unregister(LogEntry)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the newest entries; older ones are found by a filter or on a schedule's page."""

    @cached_property
    def count(self) -> int:
        """Return how many there are, up to a bound."""
        entries: Any = self.object_list
        return int(entries.order_by()[:MOST_COUNTED].count())


class OriginFilter(admin.SimpleListFilter):
    """By which way it was done."""

    title = "from"
    parameter_name = "origin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the ways that there are."""
        ways = ("admin", "page", "command line", "schedules file", "API", "beat")
        return [(way, way) for way in ways]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries of the way."""
        return queryset.filter(additional_data__origin=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class TrailAdmin(ReadOnlyAdmin):
    """What was done to schedules, rules, calendars and tags, the newest first."""

    nothing = "Nothing was done yet"
    when_empty = "What people, programs and beat change is written down here by itself."
    # Nothing is done to entries, so that none has to be selected.
    actions = None
    list_display = ("when", "what", "thing", "by", "origin", "changed", "why")
    list_filter = (OriginFilter, "content_type", "timestamp")
    list_filter_submit = True
    list_select_related = ("content_type", "actor")
    search_fields = ("object_repr", "actor__username")
    search_help_text = "Name of what was changed, or of who did it"
    ordering = ("-pk",)
    sortable_by = ()
    paginator = BoundedPaginator
    fields = ("when", "what", "thing", "by", "origin", "address", "why", "note", "difference")
    readonly_fields = fields

    class Media:
        css = {"all": ["beat/audit.css"]}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the list under a title that says what it is."""
        context = {"title": "What was done", **(extra_context or {})}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    @admin.display(description="when")
    def when(self, entry: Any) -> datetime:
        """Return the instant; the first column, whose name a phone shows, leads to the entry."""
        return entry.timestamp  # type: ignore[no-any-return]

    @admin.display(description="what was done")
    def what(self, entry: Any) -> str:
        """Return the action."""
        return shown_entry(entry).action

    @admin.display(description="to")
    def thing(self, entry: Any) -> SafeString:
        """Return what it was done to, as a link to its own trail."""
        model = entry.content_type
        kind, name = model.name, entry.object_repr
        try:
            address = reverse(
                f"admin:{model.app_label}_{model.model}_history", args=[entry.object_pk]
            )
        except NoReverseMatch:
            return format_html("{} ({})", name, kind)
        return format_html('<a href="{}">{}</a> ({})', address, name, kind)

    @admin.display(description="by")
    def by(self, entry: Any) -> str:
        """Return who did it."""
        return shown_entry(entry).by

    @admin.display(description="from")
    def origin(self, entry: Any) -> str:
        """Return by which way it was done."""
        return shown_entry(entry).origin

    @admin.display(description="at")
    def address(self, entry: Any) -> str:
        """Return the network address or the host."""
        return shown_entry(entry).address

    @admin.display(description="why")
    def why(self, entry: Any) -> str:
        """Return the reason that was given."""
        return shown_entry(entry).why

    @admin.display(description="note")
    def note(self, entry: Any) -> str:
        """Return what the difference cannot say."""
        return shown_entry(entry).note

    @admin.display(description="changed")
    def changed(self, entry: Any) -> str:
        """Return the names of what changed, the first of many."""
        names = [change.name for change in shown_entry(entry).changes]
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        return f"{', '.join(names[:NAMES_SHOWN])}{more}"

    @admin.display(description="difference")
    def difference(self, entry: Any) -> SafeString:
        """Return what was and what is."""
        shown = shown_entry(entry)
        return render_to_string("beat/audit/changes.html", {"changes": shown.changes})
