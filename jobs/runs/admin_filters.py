"""How the admin's list of runs is narrowed, and kept quick however many there are."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import ChoicesFieldListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from unfold.contrib.filters.admin import RangeDateTimeFilter, TextFilter
from unfold.views import ChangeList

from jobs.runs import pages
from jobs.runs.filters import Filters, by_index
from jobs.runs.models import Run


class StateFilter(ChoicesFieldListFilter):
    """The runs in a state."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Return them, in a form by which their index is found."""
        found: Any = super().queryset(request, queryset)
        chosen: Any = self.used_parameters.get(self.lookup_kwarg) or ()
        states = {chosen} if isinstance(chosen, str) else set(chosen)
        return found.filter(by_index(states)) if states else found  # type: ignore[no-any-return]


class ScheduleFilter(TextFilter):  # type: ignore[misc]
    """The runs of the schedule of this name."""

    title = "schedule"
    parameter_name = "schedule_named"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Return them; those of a deleted schedule have its name only."""
        if not self.value():
            return queryset
        filters = Filters(schedule=self.value())
        if filters.schedule_id is None:
            return queryset.filter(schedule_name=self.value())
        return queryset.filter(schedule=filters.schedule_id)


class SpanFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """The runs due in a span, both ends in it, in the site's time zone (unfold 0.91 has none)."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Return them; an end that is no instant does not bound the span."""
        since, until = self._instant("from", "00:00:00"), self._instant("to", "23:59:59")
        if since:
            queryset = queryset.filter(due_at__gte=since)
        # People write whole seconds; the one that they write last belongs to the span.
        return queryset.filter(due_at__lt=until + timedelta(seconds=1)) if until else queryset

    def _instant(self, end: str, time_left_out: str) -> datetime | None:
        date, time = (self.used_parameters.get(f"due_at_{end}_{part}") or "" for part in (0, 1))
        try:
            local = parse_datetime(f"{date} {time or time_left_out}")
            return timezone.make_aware(local) if local else None
        except (ValueError, OverflowError):
            return None


class BoundedChangeList(ChangeList):  # type: ignore[misc]
    """A list that looks through a bounded number of runs, the newest of those an index finds.

    Sorting and counting are then as quick with ten million runs as with ten thousand.
    """

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str] | None = None
    ) -> QuerySet[Any]:
        """Return what was asked for among the newest runs; the history page goes further back."""
        asked = super().get_queryset(request, exclude_parameters)
        walk: QuerySet[Any] = self.root_queryset
        for name in self._walked():
            for spec in self._specs(name):
                walk = spec.queryset(request, walk)
        return pages.newest(asked.only(*pages.SHOWN), walk, pages.LOOKED_AT)

    def _walked(self) -> tuple[str, ...]:
        """Return the filters by which one index walks: the span, and a schedule or else a state."""
        is_by_schedule = any(spec.value() for spec in self._specs("schedule"))
        return ("due_at", "schedule" if is_by_schedule else "state")

    def _specs(self, name: str) -> list[Any]:
        return [spec for spec in self.filter_specs if name == _name_of(spec)]


def _name_of(spec: Any) -> str:
    return str(getattr(spec, "field_path", spec.title))
