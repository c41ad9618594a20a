"""Which runs the history shows: what people ask for, and how the ledger is walked for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet
from django_celery_beat.models import PeriodicTask

from jobs.runs.models import Run
from jobs.runs.states import ENDS, Kind, State

ANY = [("", "Any")]
KINDS = [(kind.value, kind.label) for kind in Kind]
STATES = [(state.value, state.label) for state in State]
# The words of the condition of run_ended_by_state: SQLite knows it by no others.
HAS_ENDED = Q(finished_at__isnull=False)
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998


def _text(label: str, longest: int, choices: str) -> forms.CharField:
    field = forms.CharField(label=label, required=False, max_length=longest)
    field.widget.attrs |= {"list": choices, "autocomplete": "off", "spellcheck": "false"}
    return field


def _instant(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget)


class FiltersForm(forms.Form):
    """What people may ask for; instants are in the site's time zone."""

    state = forms.ChoiceField(required=False, choices=ANY + STATES)
    kind = forms.ChoiceField(required=False, choices=ANY + KINDS)
    schedule = _text("Schedule", 200, "schedule-names")
    task = _text("Task", 255, "task-names")
    worker = _text("Worker", 255, "worker-names")
    since = _instant("Due from")
    until = _instant("Due before")

    def clean_since(self) -> datetime | None:
        """Return the instant, if it is one that a ledger may hold."""
        return _within_reach(self.cleaned_data["since"])

    def clean_until(self) -> datetime | None:
        """Return the instant, if it is one that a ledger may hold."""
        return _within_reach(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values; a span must not end before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", "The span ends before it begins; write a later instant.")
        return cleaned


def _within_reach(instant: datetime | None) -> datetime | None:
    if instant and not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise forms.ValidationError(f"Write a year from {EARLIEST_YEAR} to {LATEST_YEAR}.")
    return instant


@dataclass(frozen=True)
class Filters:
    """What was asked for; empty is everything. The span includes `since` and not `until`."""

    state: str = ""
    kind: str = ""
    schedule: str = ""
    task: str = ""
    worker: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def walk(self) -> QuerySet[Run]:
        """Return the runs among which is looked: those that one index has in their order."""
        if self.schedule_id is not None:
            runs = Run.objects.filter(schedule=self.schedule_id)
        elif self.state:
            runs = of_states([self.state])
        else:
            runs = Run.objects.all()
        if self.since:
            runs = runs.filter(due_at__gte=self.since)
        return runs.filter(due_at__lt=self.until) if self.until else runs

    def rest(self) -> Q:
        """Return what each run of the walk must be besides; empty when the index says it all."""
        asked: dict[str, str] = {"kind": self.kind, "task": self.task, "worker": self.worker}
        # A deleted schedule's runs have its name only.
        if self.schedule_id is None:
            asked["schedule_name"] = self.schedule
        else:
            asked["state"] = self.state
        return Q(**{column: value for column, value in asked.items() if value})

    @cached_property
    def schedule_id(self) -> int | None:
        """Return the schedule's key; None when none is asked for, or it is deleted."""
        if not self.schedule:
            return None
        named = PeriodicTask.objects.filter(name=self.schedule)
        pk: int | None = named.values_list("pk", flat=True).first()
        return pk


def of_states(states: Collection[str]) -> QuerySet[Run]:
    """Return the runs in these states, in a form by which their index is found."""
    return Run.objects.filter(by_index(states), state__in=states)


def by_index(states: Collection[str]) -> Q:
    """Return what is true of all runs in these states and leads to the index that holds them.

    Among the few that are under way in one state SQLite would not look: it rather walks the whole
    history, which needs no sorting. So it is told to take their keys from their own index first.
    """
    if set(states) <= set(ENDS):
        return HAS_ENDED
    if len(states) == 1 and connection.vendor == "sqlite":
        of_one = Run.objects.filter(state=next(iter(states)))
        return Q(id__in=of_one.values("id"))
    return Q()


def query_of(asked: dict[str, str], **changes: str) -> str:
    """Return the query of an address: what was asked for, changed, without what is empty."""
    return urlencode({name: value for name, value in {**asked, **changes}.items() if value})
