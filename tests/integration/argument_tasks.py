"""Tasks of many signatures: each fails unless it is given just what its annotations say.

What they check is written by hand, and knows nothing of the code that reads annotations.
"""

import dataclasses
import enum
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from uuid import UUID

from celery import shared_task
from pydantic import BaseModel, Field


class WrongArgumentError(Exception):
    """A task was given what its annotation does not say."""


def require(*conditions: bool) -> None:
    """Raise WrongArgumentError unless all of it is so."""
    if not all(conditions):
        raise WrongArgumentError


def is_list_of(kind: type, value: Any) -> bool:
    """Return whether it is a list of such values."""
    return type(value) is list and all(type(each) is kind for each in value)


class Colour(enum.Enum):
    """Colours, one of them by a number, and one that JSON cannot name."""

    RED = "red"
    GREEN = 2
    MIXED = (1, 2)


class Level(enum.IntEnum):
    """Levels by their numbers."""

    LOW = 1
    HIGH = 2


class Place(NamedTuple):
    """A place."""

    name: str
    height: float = 0.0


@dataclasses.dataclass
class Span:
    """Days of a report."""

    begin: date
    days: int = 7


class Options(BaseModel):
    """Options of a report, as a model."""

    title: str = Field(max_length=20)
    span: timedelta | None = None
    levels: list[Level] = []


@dataclasses.dataclass
class Window:
    """What has a default for each field, and one that JSON cannot say."""

    since: date | None
    colour: Colour = Colour.MIXED
    names: list[str] = dataclasses.field(default_factory=list)
    is_open: bool = True


class Heading(BaseModel):
    """The heading of a report, as a model of plain fields."""

    title: str = Field(max_length=20)
    day: date | None = None
    words: list[str] = []


class Row(TypedDict):
    """A row, as plain JSON."""

    name: str
    count: int


@shared_task(name="arguments.nothing")
def nothing() -> None:
    """Take nothing."""


@shared_task(name="arguments.plain")
def plain(count: int, name: str = "x", share: float = 0.5, *, is_dry: bool = False) -> None:
    """Take plain values.

    Args:
        count: How many rows
            there are at most.
        name (str): The name.
    """
    require(
        type(count) is int, type(name) is str, type(share) in (int, float), type(is_dry) is bool
    )


@shared_task(name="arguments.required")
def required(is_dry: bool, names: list[str], limit: int | None) -> None:
    """Take what has no default.

    :param is_dry: Whether nothing is done.
    :param int limit: The most.
    """
    is_limit = limit is None or type(limit) is int
    require(type(is_dry) is bool, is_list_of(str, names), is_limit)


@shared_task(name="arguments.instants")
def instants(
    day: date,
    at: time | None = None,
    since: datetime | None = None,
    every: timedelta = timedelta(hours=1),
    days: Sequence[date] = (),
) -> None:
    """Take instants and durations."""
    require(type(day) is date, at is None or type(at) is time, type(every) is timedelta)
    require(since is None or type(since) is datetime)
    require(type(days) in (list, tuple), all(type(each) is date for each in days))


@shared_task(name="arguments.values")
def values(
    amount: Decimal = Decimal("1.5"),
    key: UUID | None = None,
    folder: Path = Path(),
    content: bytes = b"",
) -> None:
    """Take values that JSON spells as texts."""
    require(type(amount) is Decimal, key is None or type(key) is UUID)
    require(isinstance(folder, Path), type(content) is bytes)


@shared_task(name="arguments.choices")
def choices(
    cadence: Literal["daily", "weekly", 5],
    colour: Colour = Colour.RED,
    level: Level = Level.LOW,
    levels: frozenset[Level] = frozenset(),
) -> None:
    """Take one of a few."""
    require(cadence in ("daily", "weekly", 5), type(cadence) in (str, int))
    require(type(colour) is Colour, type(level) is Level, type(levels) is frozenset)
    require(all(type(each) is Level for each in levels))


@shared_task(name="arguments.structures")
def structures(
    span: Span, options: Options | None = None, place: Place | None = None, row: Row | None = None
) -> None:
    """Take structures."""
    require(type(span) is Span, type(span.begin) is date, type(span.days) is int)
    require(options is None or type(options) is Options, place is None or type(place) is Place)
    if options is not None:
        require(all(type(each) is Level for each in options.levels), len(options.title) <= 20)
    if row is not None:
        require(type(row["name"]) is str, type(row["count"]) is int)


@shared_task(name="arguments.flat")
def flat(
    span: Span, window: Window, other: Window | None, last: Span | None = None, *, heading: Heading
) -> None:
    """Take objects of plain fields.

    Args:
        span: The days to report.
    """
    require(type(span) is Span, type(span.begin) is date, type(span.days) is int)
    require(type(window) is Window, window.since is None or type(window.since) is date)
    require(type(window.colour) is Colour, is_list_of(str, window.names))
    require(other is None or type(other) is Window, last is None or type(last) is Span)
    require(type(heading) is Heading, len(heading.title) <= 20)


@shared_task(name="arguments.many")
def many(
    tags: set[str] = frozenset(),  # type: ignore[assignment]
    pair: tuple[int, str] = (1, "a"),
    numbers: tuple[int, ...] = (),
    by_number: dict[int, date] | None = None,
    nested: list[dict[str, list[int]]] | None = None,
) -> None:
    """Take collections."""
    require(type(tags) in (set, frozenset), type(pair) is tuple, type(pair[0]) is int)
    require(type(numbers) is tuple, all(type(each) is int for each in numbers))
    if by_number is not None:
        require(type(by_number) is dict, all(type(key) is int for key in by_number))
        require(all(type(day) is date for day in by_number.values()))
    if nested is not None:
        require(type(nested) is list)
        require(all(is_list_of(int, each) for entry in nested for each in entry.values()))


@shared_task(name="arguments.bounded")
def bounded(
    percent: Annotated[int, Field(ge=0, le=100)],
    code: Annotated[str, Field(pattern="^[a-z]{2}$")] = "de",
) -> None:
    """Take values within bounds."""
    require(type(percent) is int, 0 <= percent <= 100, len(code) == 2, code.islower())


@shared_task(name="arguments.either")
def either(value: int | str, list_or_text: list[int] | str = "", size: float = 1) -> None:
    """Take one of several types."""
    require(type(value) in (int, str), type(size) in (int, float))
    require(type(list_or_text) is str or is_list_of(int, list_or_text))


@shared_task(name="arguments.untyped")
def untyped(first, second=2, *others, **more):  # type: ignore[no-untyped-def]
    """Take anything."""


@shared_task(name="arguments.by_place")
def by_place(first: int, second: str = "b", /, *others: date, last: int = 1) -> None:
    """Take values by their place."""
    require(type(first) is int, type(second) is str, type(last) is int)
    require(all(type(each) is date for each in others))


@shared_task(name="arguments.bound", bind=True, autoretry_for=(OSError,))  # type: ignore[arg-type]
def bound(task: Any, name: str, **limits: int) -> None:
    """Take the task itself, which nobody can give."""
    require(task.name == "arguments.bound", type(name) is str)
    require(all(type(each) is int for each in limits.values()))


@shared_task(name="arguments.of_celery", pydantic=True)
def of_celery(options: Options, other: Options | None = None, spans: list[Span] = []) -> None:  # noqa: B006
    """Take models that Celery makes."""
    require(type(options) is Options, other is None or type(other) is Options)
    require(type(spans) is list, all(type(each) is Span for each in spans))


class Connection:
    """What no message can hold."""


@shared_task(name="arguments.impossible")
def impossible(name: str = "", connection: Connection | None = None) -> None:
    """Take something that JSON has not."""
    require(type(name) is str, connection is None)


@shared_task(name="arguments.unreadable")
def unreadable(first: "Missing", second: int = 1) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Take something whose type is not there when the task runs."""
    require(type(second) is int)


TASKS = (
    nothing, plain, required, instants, values, choices, structures, flat, many, bounded, either,
    untyped, by_place, bound, of_celery, impossible, unreadable,
)  # fmt: skip
