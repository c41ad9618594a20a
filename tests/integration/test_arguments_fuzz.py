"""Whatever the form of arguments accepts runs; what it refuses of JSON would not."""

import json
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.forms import Field, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import DecodeError
from kombu.serialization import dumps, loads

from beat.arguments import check, signature_of
from beat.arguments.fields import NOT_GIVEN
from beat.arguments.form import ArgumentsForm
from beat.definition import BrokenScheduleError, work_of
from beat.definition.rows import ScheduleRow
from jobs.runs.models import Run
from tests.integration.argument_tasks import TASKS

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAMES = [str(task.name) for task in TASKS]
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# What people write, and what they write by mistake.
WRITTEN = [
    "", "0", "1", "-5", "2.5", "1e3", "1e400", "NaN", "007", "x", "yes", "true", "null", "None",
    "daily", '"daily"', '"weekly"', "5", '"red"', "red", "2", '"HIGH"', "de", "DE", "2026-03-01",
    "2026-02-30", "10:30", "25:00", "2026-03-01T10:30", "2026-03-01 10:30+01:00", "01:30:00",
    "PT1H", "2 days", "12.50", "1,5", "6c84fb90-12c4-11e1-840d-7b25c5ee775a", "/tmp/x", "[]", "{}",
    "[1, 2]", "[1]", "[1",
    '["a"]', "a\nb", "1\r\n2", "2026-03-01\n2026-03-02", '{"begin": "2026-03-01"}',
    '{"begin": "2026-03-01", "days": "7"}', '{"title": "a"}', '{"title": "a", "levels": [1, 2]}',
    '{"title": "far too long for a title", "span": "PT1H"}', '["Rome", 20]', '[1, "a"]',
    '{"name": "a", "count": 1}', '{"1": "2026-03-01"}', '[{"a": [1]}]', '{"self": 1}',
    '{"task": 1}', '{"name": 1}', '{"first": 1}', '{"a": 1, "b": 2}', "100", "101", "9" * 5_000,
    '{"__type__": "date", "__value__": "2026-03-01"}', '{"__type__": "x", "__value__": 1}',
    '"\\u0000"', '"\\ud800"',
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(WRITTEN), st.text(max_size=20))
# PostgreSQL's jsonb makes an integer of larger ones, which then fits where a float does not.
FLOATS = st.one_of(st.floats(-1e15, 1e15), st.sampled_from([float("nan"), float("inf")]))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), FLOATS, st.text(max_size=8),
    st.sampled_from(["daily", "red", "2026-03-01", "10:30", "PT1H", "12.50", "de", 1, 2, 5]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def value_of(text: str) -> Any:
    """Return what a text means as JSON, or the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


LIKELY = st.one_of(st.sampled_from(WRITTEN).map(value_of), VALUES)


def names_of(task_name: str) -> list[str]:
    signature = signature_of(task_name)
    assert signature is not None
    return [each.name for each in signature.parameters]


@cache
def taken_alone(task_name: str, field_name: str) -> list[str]:
    """Return which of the texts the field takes for itself, and nothing."""
    field = fields_by_name(task_name)[field_name]
    name = field_name.removeprefix("argument-")
    return [text for text in WRITTEN if not text or takes(field, task_name, name, text)]


@cache
def fields_by_name(task_name: str) -> dict[str, Field]:
    """Return the fields of the page, and those that hold objects as JSON instead."""
    in_parts = ArgumentsForm(task_name)
    names = {f"argument-{each}": "" for each in names_of(task_name)}
    data = {"arguments-task": task_name, "arguments-mode": "fields", **names}
    return {**ArgumentsForm(task_name, data).fields, **in_parts.fields}


def takes(field: Field, task_name: str, name: str, text: str) -> bool:
    """Return whether the field reads the text, and the task takes what it reads."""
    try:
        value = field.clean(text)
    except ValidationError:
        return False
    if name not in names_of(task_name):
        return True
    return all(problem.field != name for problem in check(task_name, [], {name: value}))


@st.composite
def posted(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Return a task and what a browser sends of its fields."""
    name = draw(st.sampled_from(NAMES))
    data: dict[str, Any] = {"arguments-task": name, "arguments-mode": "fields"}
    is_careful = draw(st.integers(0, 3)) > 0
    for field_name in draw(st.sampled_from([ArgumentsForm(name).fields, fields_by_name(name)])):
        texts = st.sampled_from(taken_alone(name, field_name)) if is_careful else TEXTS
        data[field_name] = draw(texts)
        if not is_careful and draw(st.integers(0, 9)) == 0:
            data.setdefault("arguments-any", []).append(field_name)
    return name, data


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[Any], dict[str, Any]]:
    """Return a task and arguments, most of them by the names of its parameters."""
    name = draw(st.sampled_from(NAMES))
    known = names_of(name)
    is_careful = draw(st.integers(0, 3)) > 0
    args = [] if is_careful else draw(st.lists(LIKELY, max_size=2))
    kwargs = {}
    for each in known[len(args) :]:
        values = st.sampled_from(values_taken(name, each)) if is_careful else LIKELY
        value = draw(st.one_of(values, values, values, st.just(NOT_GIVEN)))
        if value is not NOT_GIVEN:
            kwargs[each] = value
    if draw(st.integers(0, 4)) == 0:
        kwargs[draw(st.sampled_from([*known, "self", "task", "x", ""]))] = draw(LIKELY)
    return name, args, kwargs


@cache
def values_taken(task_name: str, name: str) -> list[Any]:
    """Return the values that the parameter's field reads from what it takes for itself."""
    field = fields_by_name(task_name)[f"argument-{name}"]
    return [field.clean(text) for text in taken_alone(task_name, f"argument-{name}")]


def run_by_schedule(task_name: str, args_text: str, kwargs_text: str) -> Any:
    """Execute the task as a schedule with these columns would have it: return Celery's result.

    By what beat reads of them, the ledger's row, and the message that a worker takes.
    """
    work = work_of(ScheduleRow(0, "Fuzz", task_name, args_text, kwargs_text))
    run_id: UUID = uuid4()
    Run.objects.create(
        id=run_id, task=task_name, args=work.args, kwargs=work.kwargs, due_at=NOW, publish_at=NOW
    )
    run = Run.objects.get(id=run_id)
    content_type, encoding, body = dumps([run.args, run.kwargs, {}], serializer="json")
    args, kwargs, _ = loads(body, content_type, encoding, accept=["application/json"])
    task = next(each for each in TASKS if each.name == task_name)
    return task.apply(args, kwargs)


@fuzz
@given(posted())
def test_what_the_fields_accept_runs(case: tuple[str, dict[str, Any]]) -> None:
    task_name, data = case
    form = ArgumentsForm(task_name, data)
    if form.is_valid():
        done = run_by_schedule(task_name, *form.texts())
        assert done.successful(), (form.texts(), done.traceback)
    else:
        assert all(str(sentence) for sentences in form.errors.values() for sentence in sentences)


@fuzz
@given(calls())
def test_json_is_accepted_just_when_it_runs(case: tuple[str, list[Any], dict[str, Any]]) -> None:
    task_name, args, kwargs = case
    problems = check(task_name, args, kwargs)
    assert all(problem.sentence for problem in problems)
    assert runs(task_name, args, kwargs) == (not problems), problems


def runs(task_name: str, args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Return whether the arguments can be stored and sent, and the task succeeds with them."""
    try:
        done = run_by_schedule(task_name, json.dumps(args), json.dumps(kwargs))
    except (BrokenScheduleError, DecodeError):
        return False
    return bool(done.successful())
