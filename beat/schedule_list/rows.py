"""The rows of the list for its template.

unfold's own make all headings again for each row, and look up each address; a page of fifty spends
most of its time on that.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

CHANGE = "admin:django_celery_beat_periodictask_change"
# An address is made once, and each schedule's id put in this one's place.
ANY_SCHEDULE = 0


# unfold's classes of a cell.
CELL = SafeString(
    "align-middle flex border-t border-base-200 font-normal gap-4 items-center min-w-0 "
    "overflow-hidden px-3 py-1.5 text-left before:flex before:capitalize "
    "before:content-[attr(data-label)] before:items-center before:font-semibold "
    "before:text-font-important-light before:mr-auto first:border-t-0 lg:before:hidden "
    "lg:first:border-t lg:table-cell dark:border-base-800 dark:before:text-font-important-dark"
)


class Row(NamedTuple):
    """A schedule with the cells of its columns, the first of which is its name."""

    id: int
    name: str
    cells: SafeString


def rows_of(change_list: Any, headers: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Yield a row for each schedule of the page; the box for selecting is the template's."""
    labels = {
        column: capfirst(str(header["text"]))
        for column, header in zip(change_list.list_display, headers, strict=True)
        if column != "action_checkbox"
    }
    address = _any_address(change_list)
    for schedule in change_list.result_list:
        own = address.replace(f"/{ANY_SCHEDULE}/", f"/{schedule.pk}/", 1)
        cells = "".join(_cells(change_list.model_admin, labels, schedule, own))
        yield Row(schedule.pk, schedule.name, SafeString(cells))


def _any_address(change_list: Any) -> str:
    """Return an address that leads back to the list as it is narrowed now."""
    kept = {"preserved_filters": change_list.preserved_filters, "opts": change_list.opts}
    return str(add_preserved_filters(kept, reverse(CHANGE, args=[ANY_SCHEDULE])))


def _cells(
    model_admin: Any, labels: dict[str, str], schedule: Any, address: str
) -> Iterator[SafeString]:
    first, *others = labels
    yield format_html(
        '<th scope="row" class="field-{} {}" data-label="{}"><a href="{}" '
        'class="text-font-important-light dark:text-font-important-dark">{}</a></th>',
        first, CELL, labels[first], address, getattr(model_admin, first)(schedule),
    )  # fmt: skip
    html = '<td class="field-{} {}" data-label="{}">{}</td>'
    for column in others:
        value = getattr(model_admin, column)(schedule)
        yield format_html(html, column, CELL, labels[column], value)
