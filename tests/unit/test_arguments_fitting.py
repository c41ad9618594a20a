"""What a worker gives to a task: each argument as its annotation says."""

import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest

from jobs.runs.arguments import DoesNotFitError, Fitting, as_annotated
from jobs.runs.arguments.fitting import is_plain
from tests.integration import argument_tasks
from tests.integration.argument_tasks import Colour, Options, Row, Span

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("annotation", "value", "given"),
    [
        (date, "2026-03-01", DAY),
        (date, DAY, DAY),
        (timedelta, "PT1H", timedelta(hours=1)),
        (Decimal, "1.50", Decimal("1.50")),
        (Colour, "red", Colour.RED),
        (Literal["daily", 1], True, 1),
        (set[int], [1, 1], {1}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (dict[int, date], {"1": "2026-03-01"}, {1: DAY}),
        (Span, {"begin": "2026-03-01"}, Span(DAY)),
        (list[Span] | None, [{"begin": "2026-03-01"}], [Span(DAY)]),
        (Options, {"title": "x"}, Options(title="x")),
        (Sequence[date], ["2026-03-01"], [DAY]),
        (Iterable[date], ["2026-03-01"], [DAY]),
    ],
)
def test_json_becomes_what_the_annotation_says(annotation: Any, value: Any, given: Any) -> None:
    fitted = Fitting(annotation).fit(value)
    assert fitted == given
    assert type(fitted) is type(given)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, "5"),
        (int, 5.0),
        (int, True),
        (bool, 1),
        (str, 5),
        (date, "2026-02-30"),
        (date, 1_700_000_000),
        (Colour, "blue"),
        (list[int], "1"),
        (Iterable[int], ["a"]),
        (Span, {"days": 1}),
        (Row | None, 5),
        (list[Row], [{"name": 1, "count": 1}]),
        (argument_tasks.Connection, {}),
        (typing.Callable[[], None], "print"),
    ],
)
def test_what_is_not_of_the_annotation_does_not_fit(annotation: Any, value: Any) -> None:
    with pytest.raises(DoesNotFitError):
        Fitting(annotation).fit(value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 10**30),
        (Any, {"a": [1]}),
        (list[int] | None, [1]),
        (dict[str, list[bool]], {"a": [True]}),
    ],
)
def test_values_of_plain_types_stay_the_very_same(annotation: Any, value: Any) -> None:
    assert is_plain(annotation)
    assert Fitting(annotation).fit(value) is value


@pytest.mark.parametrize(
    "annotation", [date, Colour, dict[int, str], list[date], Literal[1], tuple[int]]
)
def test_types_that_json_has_not_are_not_plain(annotation: Any) -> None:
    assert not is_plain(annotation)


def test_a_type_that_raises_when_it_is_read_is_not_checked() -> None:
    class Raises:
        @classmethod
        def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
            raise RuntimeError("not today")

    fitting = Fitting(Raises)
    assert not fitting.is_checked
    assert fitting.fit("anything") == "anything"


def test_a_call_gets_its_arguments_by_place_and_by_name() -> None:
    args, kwargs = as_annotated(argument_tasks.instants, ("2026-03-01",), {"every": "PT1H"})
    assert args == (DAY,)
    assert kwargs == {"every": timedelta(hours=1)}


def test_further_arguments_get_their_types_one_by_one() -> None:
    args, _ = as_annotated(argument_tasks.by_place, (1, "b", "2026-03-01", "2026-03-02"), {})
    assert args == (1, "b", DAY, date(2026, 3, 2))


def test_a_call_that_does_not_fit_goes_on_as_it_is() -> None:
    call = (("the day before yesterday",), {"days": 5})
    assert as_annotated(argument_tasks.instants, *call) == call
    assert as_annotated(argument_tasks.instants, (), {"nonsense": 1}) == ((), {"nonsense": 1})


def test_a_task_with_plain_types_gets_the_very_same_arguments() -> None:
    args, kwargs = (1,), {"name": "x"}
    given = as_annotated(argument_tasks.plain, args, kwargs)
    assert given[0] is args
    assert given[1] is kwargs


def test_models_of_a_pydantic_task_are_left_to_celery() -> None:
    options = {"title": "x"}
    call: Any = {"options": options, "spans": [{"begin": "2026-03-01"}]}
    args, kwargs = as_annotated(argument_tasks.of_celery, (), call)
    assert args[0] is options
    assert kwargs == {"spans": [Span(DAY)]}


def test_an_enum_of_a_dataclass_within_a_list_is_made() -> None:
    @dataclass
    class Paint:
        colour: Colour
        coats: int = 1

    assert Fitting(list[Paint]).fit([{"colour": 2}]) == [Paint(Colour.GREEN)]
