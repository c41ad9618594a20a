"""The reports that there are: functions that any installed app brings in `report_definitions.py`.

A documented door for other job apps:

    from jobs.reports.content import Content, Figure, Figures
    from jobs.reports.periods import Period, last_days
    from jobs.reports.registry import report
    from jobs.reports.values import ValueType  # the types of figures and columns

    @report(slug="feedback", title="Feedback", description="...", period=last_days(7))
    def build(period: Period) -> Content:
        return Content(summary="...", blocks=[Figures([Figure("Messages", 12)])])
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from jobs.reports.content import Content
from jobs.reports.periods import Period, PeriodRule

Builder = Callable[[Period], Content]

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 80
TITLE_LENGTH = 200


class DefinitionError(Exception):
    """A report is declared in a way that cannot work."""


class UnknownReportError(LookupError):
    """No report has this slug."""


@dataclass(frozen=True)
class Definition:
    """What a report is called, which period it is about and how its content is made."""

    slug: str
    title: str
    description: str
    period: PeriodRule
    build: Builder

    @property
    def origin(self) -> str:
        """Return where the builder is written, for messages."""
        return f"{self.build.__module__}.{self.build.__qualname__}"


_definitions: dict[str, Definition] = {}


def report(
    *, slug: str, title: str, description: str, period: PeriodRule
) -> Callable[[Builder], Builder]:
    """Return a decorator that adds the function to the reports that there are.

    `period` turns the run's logical instant into the span that the function is called with
    (`jobs.reports.periods` has rules). The same span must give the same content.
    Raises DefinitionError for a slug that is taken or is none.
    """

    def add(build: Builder) -> Builder:
        definition = Definition(slug, title, description, period, build)
        _check(definition)
        _definitions[slug] = definition
        return build

    return add


def definitions() -> dict[str, Definition]:
    """Return every report by its slug, in the order of their titles."""
    autodiscover_modules("report_definitions")
    return dict(sorted(_definitions.items(), key=lambda entry: entry[1].title.casefold()))


def definition_of(slug: str) -> Definition:
    """Return the report called `slug`; raise UnknownReportError with those that there are."""
    known = definitions()
    if slug not in known:
        raise UnknownReportError(
            f"There is no report {slug!r}. The reports are: {', '.join(sorted(known))}. "
            'Correct the argument "report" of the schedule.'
        )
    return known[slug]


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
    taken_by = _definitions.get(definition.slug)
    if taken_by is not None:
        raise DefinitionError(
            f"The slug {definition.slug!r} is declared twice: by {taken_by.origin} and by "
            f"{definition.origin}. Give one of them another slug."
        )
