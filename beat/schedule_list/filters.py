"""What the list of schedules is narrowed by."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from beat.arguments import task_names
from beat.definition.rule import KINDS
from beat.models import ScheduleDetails, Tag
from beat.schedule_list.outcomes import failed_since

OFFERED = 500
RECENT = timedelta(days=1)
NOBODY = "none"
Choices = list[tuple[str, str]]
NOTHING = Q(pk__in=[])
SET_ASIDE = Q(timer__isnull=False) & ~Q(timer__set_aside_reason="")


class ScheduleFilter(DropdownFilter):  # type: ignore[misc]
    """A filter of the list: one choice, in a field for choosing."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the choices; one that only the address names is offered too, as it is."""
        choices = self.offered()
        asked = request.GET.get(self.parameter_name or "", "")
        known = {value for value, _ in choices}
        return choices if not asked or asked in known else [(asked, asked), *choices]

    def offered(self) -> Choices:
        """Return what people may choose."""
        raise NotImplementedError

    def has_output(self) -> bool:
        """Return whether there is anything to choose."""
        return bool(self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the schedules of the choice; all when nothing was chosen."""
        value = self.value()
        return queryset.filter(self.condition(value)) if value else queryset

    def condition(self, value: str) -> Q:
        """Return the condition on a schedule."""
        raise NotImplementedError


class StateFilter(ScheduleFilter):
    """On, off, paused or set aside, as the list's column says it."""

    title = "state"
    parameter_name = "state"

    def offered(self) -> Choices:
        """Return the four states."""
        return [("on", "On"), ("off", "Off"), ("paused", "Paused"), ("set-aside", "Set aside")]

    def condition(self, value: str) -> Q:
        """Return what `beat.schedule_list.states.state_of` decides, for the database."""
        in_order = Q(enabled=True) & ~SET_ASIDE
        for_now = Q(policy__paused_until__isnull=True) | Q(policy__paused_until__gt=timezone.now())
        paused = Q(policy__is_paused=True) & for_now
        conditions = {
            "on": in_order & ~paused,
            "off": Q(enabled=False),
            "paused": in_order & paused,
            "set-aside": Q(enabled=True) & SET_ASIDE,
        }
        return conditions.get(value, NOTHING)


class KindFilter(ScheduleFilter):
    """By what kind of rule they are due."""

    title = "kind of rule"
    parameter_name = "kind"

    def offered(self) -> Choices:
        """Return the four kinds."""
        return [(kind, kind.capitalize()) for kind in KINDS]

    def condition(self, value: str) -> Q:
        """Return that the schedule has a rule of the kind."""
        return Q(**{f"{value}__isnull": False}) if value in KINDS else NOTHING


class LastRunsFilter(ScheduleFilter):
    """Whether a run failed lately."""

    title = "last runs"
    parameter_name = "failed"

    def offered(self) -> Choices:
        """Return the one choice whose cost follows the failures, not the schedules."""
        return [("day", "Failed within a day")]

    def condition(self, value: str) -> Q:
        """Return that a run failed or was lost."""
        return Q(pk__in=failed_since(timezone.now() - RECENT)) if value == "day" else NOTHING


class TaskFilter(ScheduleFilter):
    """What they run."""

    title = "task"
    parameter_name = "task"

    def offered(self) -> Choices:
        """Return the tasks that the code has; to look for those of all schedules reads all."""
        return [(name, name) for name in task_names()[:OFFERED]]

    def condition(self, value: str) -> Q:
        """Return that it is this task."""
        return Q(task=value)


class OwnerFilter(ScheduleFilter):
    """Which group owns them."""

    title = "owner"
    parameter_name = "owner"

    def offered(self) -> Choices:
        """Return the groups that own one."""
        owned = ScheduleDetails.objects.filter(owner=OuterRef("pk"))
        names = Group.objects.filter(Exists(owned)).order_by("name").values_list("name", flat=True)
        choices = [(name, name) for name in names[:OFFERED]]
        return [*choices, (NOBODY, "No owner")] if choices else []

    def condition(self, value: str) -> Q:
        """Return that the group owns it, or that nobody does."""
        if value == NOBODY:
            return Q(details__owner__isnull=True)
        return Q(details__owner__name=value)


class TagFilter(ScheduleFilter):
    """What they are filed under."""

    title = "tag"
    parameter_name = "tag"

    def offered(self) -> Choices:
        """Return the tags."""
        return [(name, name) for name in Tag.objects.values_list("name", flat=True)[:OFFERED]]

    def condition(self, value: str) -> Q:
        """Return that it has the tag."""
        return Q(pk__in=Tag.objects.filter(name=value).values("schedules__schedule_id"))


FILTERS: tuple[Callable[..., ScheduleFilter], ...] = (
    StateFilter, TaskFilter, OwnerFilter, TagFilter, KindFilter, LastRunsFilter,
)  # fmt: skip
