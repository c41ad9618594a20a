"""The admin's list without a count: it reads what it shows, and one row more."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.templatetags.unfold_list import result_headers
from unfold.views import ChangeList
from unfold.widgets import CHECKBOX_CLASSES

from beat.schedule_list.order import ids_by_next_run
from beat.schedule_list.rows import Row, rows_of
from beat.schedule_list.showing import load_shown

# The row number is a 64-bit number of the database's.
LAST_PAGE = 1_000_000


class Pages(NamedTuple):
    """What the template of the pages is, in the place of a paginator, which counts all rows."""

    template_name: str = "beat/schedule_list/pages.html"


class ScheduleChangeList(ChangeList):  # type: ignore[misc]
    """A page of schedules with what is shown of each.

    The page's ids are read first, in their order, so that the joins, the runs and the tags are
    read for these alone. `result_count` is a lower bound: so many there are at least.
    """

    box_classes = " ".join(CHECKBOX_CLASSES)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; a page that is no number, or far too large, goes back to the list."""
        if not 1 <= self.page_num <= LAST_PAGE:
            raise IncorrectLookupParameters
        first = (self.page_num - 1) * self.list_per_page
        ids = self._ids(first, first + int(self.list_per_page) + 1)
        self.result_list: list[Any] = load_shown(ids[: self.list_per_page], timezone.now())
        self.has_more = len(ids) > self.list_per_page
        self.result_count = first + len(ids)
        # The same, so that the page's head tells neither.
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Pages()

    @cached_property
    def headers(self) -> list[Any]:
        """Return the headings of the columns as unfold's template writes them."""
        return list(result_headers(self))

    def rows(self) -> Iterator[Row]:
        """Yield what the template writes of each schedule."""
        return rows_of(self, self.headers)

    def previous_page(self) -> str:
        """Return the address of the page before."""
        return str(self.get_query_string({PAGE_VAR: self.page_num - 1}))

    def next_page(self) -> str:
        """Return the address of the page behind."""
        return str(self.get_query_string({PAGE_VAR: self.page_num + 1}))

    def _ids(self, first: int, end: int) -> list[int]:
        """Return the ids in these places; more columns than the next run are ordered as stock."""
        columns = self.get_ordering_field_columns()
        next_run = list(self.list_display).index("next_run")
        if list(columns) == [next_run]:
            return ids_by_next_run(self.queryset, first, end, columns[next_run] == "desc")
        return list(self.queryset.values_list("pk", flat=True)[first:end])
