"""What beat, the ledger or the form of a policy would refuse of a schedule that a file says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django_celery_beat.models import PeriodicTask

from beat.arguments import check
from beat.as_code.policy_words import columns_of_policy
from beat.as_code.problems import Problem
from beat.as_code.reading import Placed
from beat.as_code.unsaved_row import task_columns, unsaved_row
from beat.definition import BrokenScheduleError, timing_of, work_of
from beat.forms.policies import PolicyForm
from beat.models import Calendar

FIELD_OF_REASON = {
    "broken_rule": "when",
    "never_due": "when",
    "broken_task": "task",
    "broken_headers": "headers",
    "broken_arguments": "kwargs",
    "broken_priority": "priority",
    "broken_expiry": "runs_expire_after_seconds",
}
FIELD_OF_COLUMN = {
    "start_time": "starts_at",
    "expires": "expires_at",
    "expire_seconds": "runs_expire_after_seconds",
}


@dataclass(frozen=True)
class Known:
    """What schedules refer to by name: the calendars and the groups of owners, with their ids."""

    calendars: dict[str, int] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_database(cls) -> "Known":
        """Return what there is now."""
        return cls(
            dict(Calendar.objects.values_list("name", "id")),
            dict(Group.objects.values_list("name", "id")),
        )


def problems_of(placed: Iterable[Placed], known: Known, now: datetime) -> list[Problem]:
    """Return all that is wrong with the schedules; nothing is asked of the database."""
    return [problem for item in placed for problem in _problems(item, known, now)]


def _problems(item: Placed, known: Known, now: datetime) -> Iterator[Problem]:
    text = item.text
    yield from _of_definition(item, now)
    yield from _of_arguments(item)
    yield from _of_columns(item)
    yield from _of_policy(item, known)
    if text.owner and text.owner not in known.owners:
        yield item.problem(f"There is no group {text.owner!r}; make it first.", "owner")
    if text.expires_at is not None and text.runs_expire_after_seconds is not None:
        yield item.problem("It has 'expires_at' too; keep one.", "runs_expire_after_seconds")


def _of_definition(item: Placed, now: datetime) -> Iterator[Problem]:
    row = unsaved_row(item.text)
    for read in (lambda: timing_of(row, now), lambda: work_of(row)):
        try:
            read()
        except BrokenScheduleError as broken:
            yield item.problem(broken.text, FIELD_OF_REASON.get(broken.reason, ""))


def _of_arguments(item: Placed) -> Iterator[Problem]:
    """Yield what the task itself would refuse, if it is registered here."""
    text = item.text
    for problem in check(text.task, text.args, text.kwargs):
        field = problem.field if problem.field in {"args", "kwargs"} else "kwargs"
        said = "" if problem.field == field else f"{problem.field}: "
        yield item.problem(f"{said}{problem.sentence}", field)


def _of_columns(item: Placed) -> Iterator[Problem]:
    """Yield what the columns do not hold: names that are too long, numbers that are too large."""
    try:
        PeriodicTask(**task_columns(item.text)).clean_fields()
    except ValidationError as error:
        for column, sentences in error.message_dict.items():
            yield item.problem(" ".join(sentences), FIELD_OF_COLUMN.get(column, column))


def _of_policy(item: Placed, known: Known) -> Iterator[Problem]:
    policy = item.text.policy
    if not policy:
        return
    calendar = policy.get("calendar")
    if calendar is not None and calendar not in known.calendars:
        yield item.problem(f"There is no calendar {calendar!r}; make it first.", "policy")
        return
    form = _form(policy, known)
    for column, sentences in form.errors.items():
        yield item.problem(f"{column}: {' '.join(map(str, sentences))}", "policy")


def _form(policy: dict[str, Any], known: Known) -> PolicyForm:
    """Return the operators' form, filled in: what it refuses, a file may not say either."""
    values = columns_of_policy(policy)
    form = PolicyForm(data=values | {"calendar": known.calendars.get(values["calendar"])})
    # Its choices are the calendars of the database, asked once for each schedule; they are known.
    for name in ("calendar", "schedule"):
        form.fields.pop(name, None)
    return form
