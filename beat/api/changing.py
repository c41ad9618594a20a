"""Adding and changing schedules by the API, with the checks of a file of schedules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask
from ninja.errors import HttpError

from beat.api.asking import ProblemsError, asker_of, person_of
from beat.as_code.checking import Known, problems_of
from beat.as_code.difference import differing
from beat.as_code.fields import reader_of
from beat.as_code.from_rows import stored_schedules
from beat.as_code.problems import Problem, WrongValueError
from beat.as_code.reading import Placed
from beat.as_code.schedule_text import REQUIRED, ScheduleText
from beat.as_code.to_rows import insert, rewrite
from beat.as_code.writing import words_of
from beat.audit.recording import audited, record, snapshot
from beat.editing.rules import clean_up_unused_rules, rules_of
from jobs.runs.task_permissions import why_not_scheduled_by


def add(request: HttpRequest, words: Mapping[str, Any], now: datetime) -> int:
    """Insert a schedule and return its id; raises ProblemsError and HttpError."""
    known = Known.of_database()
    with transaction.atomic():
        text = _checked(request, words, known, now, None)
        schedule_id = insert(text, known)
        record(asker_of(request), "add", {}, snapshot([schedule_id]))
    return schedule_id


def change(request: HttpRequest, schedule_id: int, words: Mapping[str, Any], now: datetime) -> None:
    """Change what the words say of a schedule; the rest stays. Raises as `add` does.

    Whether the person may change it was asked before.
    """
    asker, known = asker_of(request), Known.of_database()
    with transaction.atomic():
        rows = PeriodicTask.objects.filter(pk=schedule_id)
        list(rows.select_for_update(no_key=True))
        [stored] = stored_schedules(rows)
        before = stored.text
        old = {"name": stored.name} if before is None else words_of(before)
        _require_permission(request, before)
        text = _checked(request, {**old, "name": stored.name, **words}, known, now, schedule_id)
        names = differing(before, text) if before is not None else ["enabled"]
        rules = rules_of([schedule_id])
        with audited(asker, "edit", [schedule_id]):
            rewrite(schedule_id, text, known, now, names)
    clean_up_unused_rules(rules)


def _require_permission(request: HttpRequest, text: ScheduleText | None) -> None:
    if text is not None and (why := why_not_scheduled_by(person_of(request), text.task)):
        raise HttpError(403, why)


def _checked(
    request: HttpRequest,
    words: Mapping[str, Any],
    known: Known,
    now: datetime,
    schedule_id: int | None,
) -> ScheduleText:
    """Return the schedule that the words say; raises ProblemsError with all that is wrong."""
    text = _read({name: value for name, value in words.items() if value is not None})
    problems = problems_of([Placed(text, "", 1, {})], known, now)
    if PeriodicTask.objects.filter(name=text.name).exclude(pk=schedule_id).exists():
        problems.append(Problem("Another schedule has this name.", "", field="name"))
    if problems:
        raise ProblemsError(problems)
    _require_permission(request, text)
    return text


def _read(words: Mapping[str, Any]) -> ScheduleText:
    values: dict[str, Any] = {}
    problems = [
        Problem("It is missing.", "", field=name)
        for name in sorted((REQUIRED | {"name"}) - words.keys())
    ]
    for name, value in words.items():
        try:
            values[name] = reader_of(name, settings.TIME_ZONE)(value)
        except WrongValueError as problem:
            problems.append(Problem(str(problem), "", field=name))
    if problems:
        raise ProblemsError(problems)
    if values["when"]["kind"] == "clocked":
        values["one_off"] = True
    return ScheduleText(key="", **values)
