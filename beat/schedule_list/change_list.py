"""The admin's list without a count: it reads what it shows, and one row more."""

from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.http import HttpRequest
from django.utils import timezone
from unfold.views import ChangeList

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

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; a page that is no number, or far too large, goes back to the list."""
        if not 1 <= self.page_num <= LAST_PAGE:
            raise IncorrectLookupParameters
        first = (self.page_num - 1) * self.list_per_page
        ids = list(self.queryset.values_list("pk", flat=True)[first : self._end(first)])
        self.result_list: list[Any] = load_shown(ids[: self.list_per_page], timezone.now())
        self.has_more = len(ids) > self.list_per_page
        self.result_count = first + len(ids)
        # The same, so that the page's head tells neither.
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Pages()

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return an address as the admin does; remembered, since unfold asks again for each row."""
        key = f"{new_params!r} without {remove!r}"
        known: dict[str, str] = self.__dict__.setdefault("_addresses", {})
        if key not in known:
            known[key] = super().get_query_string(new_params, remove)
        return known[key]

    def previous_page(self) -> str:
        """Return the address of the page before."""
        return self.get_query_string({PAGE_VAR: self.page_num - 1})

    def next_page(self) -> str:
        """Return the address of the page behind."""
        return self.get_query_string({PAGE_VAR: self.page_num + 1})

    def _end(self, first: int) -> int:
        return first + int(self.list_per_page) + 1
