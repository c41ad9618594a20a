"""The forms of a schedule's page taken together: checked as beat will read them, and saved."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from beat.arguments.form import ArgumentsForm
from beat.claim.due_timers import Readings
from beat.definition import BrokenScheduleError, ScheduleRow, timing_of, timing_text, work_of
from beat.definition.rows import POLICY_COLUMNS
from beat.editing.changes import Changes, Occurrences, changes_between, question_about
from beat.editing.preview import TimerFacts
from beat.editing.stored import Stored, timer_facts
from beat.forms.details import DetailsForm
from beat.forms.editor_policy import EditorPolicyForm
from beat.forms.schedules import ScheduleForm
from beat.forms.when import WhenForm, initial_of
from beat.reconcile.renewal import why_never
from jobs.runs.task_permissions import why_not_scheduled_by

# Beat has to find a one-off before its time is over.
SOONEST = timedelta(seconds=5)
# Which form shows what is wrong with the whole.
PLACES = {
    "broken_arguments": ("arguments", None),
    "broken_headers": ("schedule", "headers"),
    "broken_priority": ("schedule", "priority"),
    "broken_expiry": ("schedule", "expire_seconds"),
    "broken_task": ("schedule", "task"),
    "broken_calendar": ("policy", "calendar"),
}
FIELD_OF_KIND = {"crontab": "line", "interval": "every", "clocked": "at", "solar": "event"}
TASK_COLUMNS = (
    "name", "task", "args", "kwargs", "queue", "exchange", "routing_key", "headers", "priority",
    "expires", "expire_seconds", "one_off", "start_time", "enabled",
)  # fmt: skip
CHANGED_MEANWHILE = (
    "Somebody has changed this schedule since you opened this page. What you wrote is still here. "
    "Look at the schedule as it is now in another tab; save again to write yours over it."
)


@dataclass
class Editor:
    """The forms of one schedule, empty, filled or posted."""

    stored: Stored | None = None
    data: Mapping[str, Any] | None = None
    # Who wants to save it; some tasks need a permission of their own.
    user: User | AnonymousUser | None = None
    now: datetime = field(default_factory=timezone.now)
    # What a link to the page of a new schedule brings along: its name, task and kwargs.
    suggested: Mapping[str, str] = field(default_factory=dict)
    # What the page asks or says before it saves.
    question: str = ""
    problem: str = ""

    def __post_init__(self) -> None:
        """Make the forms."""
        stored, data = self.stored, self.data
        suggested = {name: self.suggested.get(name, "") for name in ("name", "task")}
        self.schedule = ScheduleForm(
            data,
            instance=stored.schedule if stored else None,
            initial=None if stored else suggested,
        )
        self.when = WhenForm(data, prefix="when", initial=initial_of(stored.row) if stored else {})
        self.policy = EditorPolicyForm(
            data, prefix="policy", instance=stored.policy if stored else None
        )
        details = (
            {"owner": stored.details.owner_id, "tags": ", ".join(stored.tags)} if stored else {}
        )
        self.details = DetailsForm(data, prefix="details", initial=details)
        self.arguments = self._arguments_form()

    @property
    def forms(self) -> tuple[Any, ...]:
        """Return all forms."""
        return (self.schedule, self.when, self.policy, self.details, self.arguments)

    def is_valid(self) -> bool:
        """Tell whether all of it can be saved; every mistake has a sentence at its field."""
        # All of them, also after the first mistake: people want to see them together.
        if not all([form.is_valid() for form in self.forms]):  # noqa: C419
            return False
        return (
            self._is_allowed()
            and self._is_computed()
            and self._is_current()
            and self._is_confirmed()
        )

    @cached_property
    def row(self) -> ScheduleRow:
        """Return what beat would read once it is saved; needs the three forms to be valid."""
        args, kwargs = self.arguments.texts()
        return self._row({**self.schedule.cleaned_data, "args": args, "kwargs": kwargs})

    @cached_property
    def preview_row(self) -> ScheduleRow | None:
        """Return the row for a preview, whatever is wrong with name, task or arguments."""
        if self.data is None:
            return self.stored.row if self.stored and self.stored.rule else None
        # Forms check themselves when their errors are asked for.
        if (
            self.when.errors
            or self.policy.errors
            or {"start_time", "expires"} & {*self.schedule.errors}
        ):
            return None
        harmless = {"name": "", "task": "a task", "args": "[]", "kwargs": "{}", "headers": "{}"}
        return self._row({**self.schedule.cleaned_data, **harmless})

    def timer_facts(self, row: ScheduleRow) -> TimerFacts:
        """Return from where the row's interval counts, and what its timer says."""
        return timer_facts(self.stored.timer if self.stored else None, row, self.now)

    def changes(self) -> Changes | None:
        """Return what the edit changes; None for a new schedule, or where one is broken."""
        both = self._before_and_after()
        return changes_between(*both, self.now) if both else None

    def _arguments_form(self) -> ArgumentsForm:
        """Return the form of the arguments of the task that is chosen now."""
        row = self.stored.row if self.stored else self._suggested_row()
        posted = self.data if self.data is not None else row._asdict()
        return ArgumentsForm(
            str(posted.get("task") or "").strip(),
            self.data,
            (row.args, row.kwargs),
            queue=str(posted.get("queue") or "").strip(),
            exchange=str(posted.get("exchange") or "").strip(),
        )

    def _suggested_row(self) -> ScheduleRow:
        row = ScheduleRow(0, "", self.suggested.get("task", ""))
        kwargs = self.suggested.get("kwargs")
        return row if kwargs is None else row._replace(kwargs=kwargs)

    def _row(self, cleaned: Mapping[str, Any]) -> ScheduleRow:
        own = {name: cleaned[name] for name in TASK_COLUMNS if name in cleaned}
        columns = {name: getattr(self.policy.instance, name) for name in POLICY_COLUMNS}
        return ScheduleRow(
            id=self.stored.schedule.pk if self.stored else 0,
            **own,
            **self.when.row_columns(),
            **columns,
        )

    def _is_allowed(self) -> bool:
        """Tell whether the person may schedule this task, and the one that it replaces."""
        tasks = {self.row.task, self.stored.row.task if self.stored else self.row.task}
        for task in sorted(tasks):
            if self.user is not None and (why := why_not_scheduled_by(self.user, task)):
                self.schedule.add_error("task", why)
                return False
        return True

    def _is_computed(self) -> bool:
        """Tell whether beat can compute it, by what beat itself does with the row."""
        try:
            self._compute(self.row)
        except BrokenScheduleError as broken:
            self._add(broken)
            return False
        return True

    def _compute(self, row: ScheduleRow) -> None:
        work_of(row)
        Readings({row.id: row}, self.now).rules(row)
        facts = self.timer_facts(row)
        timing = timing_of(row, facts.anchor_at or self.now)
        is_over = facts.due_at is None and timing.next(self.now + SOONEST) is None
        if row.enabled and is_over:
            raise BrokenScheduleError("never_due", why_never(timing, row))

    def _add(self, broken: BrokenScheduleError) -> None:
        """Put the sentence beside the field that it is about."""
        kind = self.when.cleaned_data["kind"]
        place = PLACES.get(broken.reason, ("when", FIELD_OF_KIND[kind]))
        if broken.reason == "never_due" and self.row.expires is not None and kind != "clocked":
            place = ("schedule", "expires")
        form_name, field_name = place
        getattr(self, form_name).add_error(field_name, broken.text)

    def _is_current(self) -> bool:
        """Tell whether nobody has changed the schedule since the page was shown."""
        if self.stored is None or (self.data or {}).get("version") == self.stored.version:
            return True
        self.problem = CHANGED_MEANWHILE
        return False

    def _is_confirmed(self) -> bool:
        """Tell whether what should be confirmed was; the question is about this very timing."""
        both = self._before_and_after()
        asked = question_about(*both, self.now) if both else ""
        if not asked or (self.data or {}).get("confirmed") == self.confirmation:
            return True
        self.question = asked
        return False

    @property
    def confirmation(self) -> str:
        """Return what the page posts to confirm this timing, and no other."""
        return hashlib.sha256(str(_when(self.row)).encode()).hexdigest()[:16]

    def _before_and_after(self) -> tuple[Occurrences, Occurrences] | None:
        after = self.preview_row
        if self.stored is None or after is None or self.data is None:
            return None
        before = self.stored.row
        if not (before.enabled and after.enabled) or _when(before) == _when(after):
            return None
        try:
            return self._occurrences(before), self._occurrences(after)
        except BrokenScheduleError:
            return None

    def _occurrences(self, row: ScheduleRow) -> Occurrences:
        timing = timing_of(row, self.timer_facts(row).anchor_at or self.now)
        rules = Readings({row.id: row}, self.now).rules(row)
        return Occurrences(timing, rules, (row.calendar_id, row.is_paused, row.paused_until))


def _when(row: ScheduleRow) -> tuple[Any, ...]:
    """Return what decides when it runs."""
    return (timing_text(row), row.calendar_id)
