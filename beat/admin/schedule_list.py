"""The list of schedules: its columns, filters and order."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from beat.lints.page import lints
from beat.schedule_list.change_list import ScheduleChangeList
from beat.schedule_list.filters import FILTERS

LONGEST_SEARCH = 100


class ScheduleList(ModelAdmin):  # type: ignore[misc]
    """What the list of schedules shows. A column is what is shown of a row."""

    change_list_template = "beat/schedule_list/change_list.html"
    list_display = ("shown_name", "when", "next_run", "last_runs", "state", "filed_under")
    list_filter = FILTERS
    list_filter_submit = True
    list_filter_sheet = True
    list_fullwidth = True
    list_per_page = 50
    list_select_related = False
    show_full_result_count = False
    ordering = ("name",)
    search_fields = ("name", "task")
    search_help_text = "Name or task"

    def get_urls(self) -> list[Any]:
        """Add the page of lints."""
        page = self.admin_site.admin_view(lints)
        return [path("lints/", page, name="schedule_lints"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ScheduleChangeList]:
        """Return the list that counts nothing."""
        return ScheduleChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the schedules that hold all words in name or task; long texts are cut."""
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term[:LONGEST_SEARCH]
        )
        return found

    @admin.display(description="name", ordering="name")
    def shown_name(self, schedule: Any) -> SafeString:
        """Return the name, and the task below it."""
        return schedule.shown.name_cell  # type: ignore[no-any-return]

    @admin.display(description="when")
    def when(self, schedule: Any) -> str:
        """Return the rule in words."""
        return str(schedule.shown.when)

    @admin.display(description="next run", ordering=F("timer__due_at").asc(nulls_last=True))
    def next_run(self, schedule: Any) -> SafeString:
        """Return the next run as seen from now, and exactly."""
        return schedule.shown.next_run_cell  # type: ignore[no-any-return]

    @admin.display(description="last runs")
    def last_runs(self, schedule: Any) -> SafeString:
        """Return a cell for each of the last runs, and in words what came of them."""
        return schedule.shown.last_runs_cell  # type: ignore[no-any-return]

    @admin.display(description="state")
    def state(self, schedule: Any) -> SafeString:
        """Return whether it runs, and why not."""
        return schedule.shown.state_cell  # type: ignore[no-any-return]

    @admin.display(description="owner, tags")
    def filed_under(self, schedule: Any) -> SafeString:
        """Return whose it is and what it is filed under."""
        return schedule.shown.filed_under_cell  # type: ignore[no-any-return]
