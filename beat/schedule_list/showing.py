"""What is shown of schedules, for as many as a page holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django_celery_beat.models import PeriodicTask

from beat.definition import ScheduleRow, schedule_rows
from beat.editing.words import rule_in_words
from beat.models import ScheduleDetails
from beat.schedule_list import cells
from beat.schedule_list.bar import address_of_any_run
from beat.schedule_list.cells import Addresses
from beat.schedule_list.outcomes import Outcomes, outcomes_of
from beat.schedule_list.states import NextRun, ScheduleState, next_run_of, state_of

NONE_YET = Outcomes()
LIST = "admin:django_celery_beat_periodictask_changelist"


@dataclass(frozen=True)
class Shown:
    """One schedule as the list shows it."""

    name: str
    task: str
    when: str
    next_run: NextRun
    outcomes: Outcomes
    state: ScheduleState
    owner: str
    tags: Sequence[str]
    addresses: Addresses

    @property
    def name_cell(self) -> SafeString:
        """Return the column of the name."""
        return cells.name(self.name, self.task)

    @property
    def next_run_cell(self) -> SafeString:
        """Return the column of the next run."""
        return cells.next_run(self.next_run)

    @property
    def last_runs_cell(self) -> SafeString:
        """Return the column of the last runs."""
        return cells.last_runs(self.name, self.outcomes, self.addresses)

    @property
    def state_cell(self) -> SafeString:
        """Return the column of the state."""
        return cells.state(self.state)

    @property
    def filed_under_cell(self) -> SafeString:
        """Return the column of owner and tags."""
        return cells.filed_under(self.owner, self.tags, self.addresses)


def load_shown(schedule_ids: Sequence[int], now: datetime) -> list[Any]:
    """Return the schedules in this order, each with what is shown of it as `shown`.

    Five queries, however many schedules. One that is gone meanwhile, or cannot be read, is absent.
    """
    read_together = ("timer", "details__owner")
    found = PeriodicTask.objects.select_related(*read_together).in_bulk(list(schedule_ids))
    rows = schedule_rows(schedule_ids)
    outcomes, tags = outcomes_of(schedule_ids), _tags(schedule_ids)
    addresses = Addresses(address_of_any_run(), reverse("runs:history"), reverse(LIST))
    schedules = [found[id_] for id_ in schedule_ids if id_ in found and id_ in rows]
    for schedule in schedules:
        row = rows[schedule.pk]
        last = outcomes.get(schedule.pk, NONE_YET)
        state = state_of(row, getattr(schedule, "timer", None), now)
        schedule.shown = _shown(schedule, row, state, last, tags.get(schedule.pk, []), addresses)
    return schedules


def _shown(
    schedule: Any,
    row: ScheduleRow,
    state: ScheduleState,
    outcomes: Outcomes,
    tags: Sequence[str],
    addresses: Addresses,
) -> Shown:
    timer, details = getattr(schedule, "timer", None), getattr(schedule, "details", None)
    return Shown(
        name=row.name,
        task=row.task,
        when=rule_in_words(row, site_zone()),
        next_run=next_run_of(state, timer),
        outcomes=outcomes,
        state=state,
        owner=str(details.owner or "") if details else "",
        tags=tags,
        addresses=addresses,
    )


def site_zone() -> ZoneInfo | None:
    """Return the zone of the page's instants: of a rule in it, the words leave it out."""
    zone = timezone.get_current_timezone()
    return zone if isinstance(zone, ZoneInfo) else None


def _tags(schedule_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the tags of each schedule, in order."""
    links = ScheduleDetails.tags.through.objects.filter(scheduledetails_id__in=list(schedule_ids))
    found: dict[int, list[str]] = {}
    for id_, name in links.order_by("tag__name").values_list("scheduledetails_id", "tag__name"):
        found.setdefault(id_, []).append(name)
    return found
