"""The reports that there are: functions that any installed app brings in `report_definitions.py`.

A documented door for other job apps:

    from jobs.reports.content import Content, Figure, Figures
    from jobs.reports.parameters import Parameter  # what a schedule may give
    from jobs.reports.periods import Period, last_days
    from jobs.reports.registry import report
    from jobs.reports.values import ValueType  # the types of figures and columns

    @report(slug="feedback", title="Feedback", description="...", period=last_days(7))
    def build(period: Period) -> Content:
        return Content(summary="...", blocks=[Figures([Figure("Messages", 12)])])
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.utils.module_loading import autodiscover_modules

from jobs.reports.content import Content
from jobs.reports.parameters import Parameter, check_declared, checked
from jobs.reports.periods import Period, PeriodRule
from jobs.reports.values import Cell

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 80
TITLE_LENGTH = 200


class DefinitionError(Exception):
    """A report is declared in a way that cannot work."""


class UnknownReportError(LookupError):
    """No report has this slug."""


# Called with the period, and with the value of each parameter by its name.
Builder = Callable[..., Content]
# A builder, or a class with a method that is one.
Declared = TypeVar("Declared", bound=Callable[..., Any])


@dataclass(frozen=True)
class Definition:
    """What a report is called, which period it is about and how its content is made.

    `formats` are the formats that a version is made in unless its report says otherwise; empty:
    all. `is_stored` says that it was written in the admin, and not in code.
    """

    slug: str
    title: str
    description: str
    period: PeriodRule
    build: Builder
    parameters: tuple[Parameter, ...] = ()
    formats: tuple[str, ...] = ()
    is_stored: bool = False

    @property
    def origin(self) -> str:
        """Return where the builder is written, for messages."""
        if self.is_stored:
            return "the admin"
        return f"{self.build.__module__}.{self.build.__qualname__}"

    def checked(self, parameters: Mapping[str, object]) -> dict[str, Cell]:
        """Return the value of every parameter; raise ValueError with a sentence."""
        return checked(self.parameters, parameters)


class Finder(Protocol):
    """Finds definitions that are not in code."""

    def all(self) -> Sequence[Definition]:
        """Return every one."""

    def one(self, slug: str) -> Definition | None:
        """Return the one with this slug."""


_definitions: dict[str, Definition] = {}
_finders: list[Finder] = []


def report(
    *,
    slug: str,
    title: str,
    description: str,
    period: PeriodRule,
    parameters: Sequence[Parameter] = (),
    formats: Sequence[str] = (),
) -> Callable[[Declared], Declared]:
    """Return a decorator that adds a function or a class to the reports that there are.

    `period` turns the run's logical instant into the span that the function is called with
    (`jobs.reports.periods` has rules); the value of each parameter follows by name. A class is
    made anew for each version, without arguments, and its method `build` is called. The same
    span and values must give the same content. Raises DefinitionError for a slug that is taken
    or is none, ParameterError for two parameters of one name.
    """

    def add(declared: Declared) -> Declared:
        build = _of_class(declared) if isinstance(declared, type) else declared
        definition = Definition(
            slug, title, description, period, build, tuple(parameters), tuple(formats)
        )
        _check(definition)
        _definitions[slug] = definition
        return declared

    return add


def add_finder(finder: Finder) -> None:
    """Add reports that are not in code; call it in a `report_definitions.py`.

    A report in code wins over one of the same slug that a finder brings.
    """
    _finders.append(finder)


def definitions() -> dict[str, Definition]:
    """Return every report by its slug, in the order of their titles."""
    known = definitions_in_code()
    for finder in _finders:
        known = {one.slug: one for one in finder.all()} | known
    return _sorted(known)


def definitions_in_code() -> dict[str, Definition]:
    """Return the reports that are functions and classes; this asks no database."""
    autodiscover_modules("report_definitions")
    return _sorted(_definitions)


def definition_of(slug: str) -> Definition:
    """Return the report called `slug`; raise UnknownReportError with those that there are."""
    in_code = definitions_in_code().get(slug)
    if in_code is not None:
        return in_code
    for finder in _finders:
        found = finder.one(slug)
        if found is not None:
            return found
    raise UnknownReportError(
        f"There is no report {slug!r}. The reports are: {', '.join(sorted(definitions()))}. "
        'Correct the argument "report" of the schedule.'
    )


def _sorted(known: Mapping[str, Definition]) -> dict[str, Definition]:
    return dict(sorted(known.items(), key=lambda entry: entry[1].title.casefold()))


def _of_class(declared: type) -> Builder:
    """Return the builder that makes an object of the class and calls its `build`."""

    def build(period: Period, **parameters: Cell) -> Content:
        content: Content = declared().build(period, **parameters)
        return content

    build.__module__, build.__qualname__ = declared.__module__, declared.__qualname__
    return build


def _check(definition: Definition) -> None:
    if not SLUG.fullmatch(definition.slug) or len(definition.slug) > SLUG_LENGTH:
        raise DefinitionError(
            f"{definition.origin}: the slug {definition.slug!r} is not valid. Use lower-case "
            f"letters, digits and single hyphens, {SLUG_LENGTH} characters at most."
        )
    if not 0 < len(definition.title) <= TITLE_LENGTH:
        raise DefinitionError(
            f"{definition.origin}: the title needs 1 to {TITLE_LENGTH} characters."
        )
    check_declared(definition.parameters)
    taken_by = _definitions.get(definition.slug)
    if taken_by is not None:
        raise DefinitionError(
            f"The slug {definition.slug!r} is declared twice: by {taken_by.origin} and by "
            f"{definition.origin}. Give one of them another slug."
        )
