"""How reports are found."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from jobs.reports import registry
from jobs.reports.content import Content
from jobs.reports.parameters import Parameter, ParameterError
from jobs.reports.periods import Period, last_days
from jobs.reports.registry import DefinitionError, UnknownReportError, definition_of, report

FRANCE = {"country": "FR"}


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test add reports that nobody else sees."""
    # Those that are written in SQL are in the database.
    monkeypatch.setattr(registry, "_finders", [])
    monkeypatch.setattr(registry, "_definitions", dict(registry.definitions_in_code()))


def declared(slug: str, title: str = "A title") -> Callable[[Period], Content]:
    """Declare a report with this slug."""

    @report(slug=slug, title=title, description="", period=last_days(1))
    def build(period: Period) -> Content:
        return Content("Nothing.", [])

    return build


def test_the_reports_of_every_installed_app_are_found() -> None:
    assert {"weather-week", "run-history"} <= registry.definitions_in_code().keys()


def test_a_declared_report_is_found_and_stays_a_function() -> None:
    build = declared("mine")
    assert definition_of("mine").build is build


def test_a_slug_that_is_taken_is_refused_with_both_places() -> None:
    declared("mine")
    with pytest.raises(DefinitionError) as refused:
        declared("mine")
    assert "'mine' is declared twice" in str(refused.value)
    assert str(refused.value).count("test_report_registry.declared") == 2


@pytest.mark.parametrize("slug", ["", "Weather", "a b", "a--b", "-a", "../up", "é", "a" * 81])
def test_a_slug_that_is_no_slug_is_refused(slug: str) -> None:
    with pytest.raises(DefinitionError, match=r"the slug .* is not valid"):
        declared(slug)


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_a_title_that_cannot_be_stored_is_refused(title: str) -> None:
    with pytest.raises(DefinitionError, match="the title needs 1 to 200 characters"):
        declared("mine", title)


def test_an_unknown_report_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownReportError) as refused:
        definition_of("wether-week")
    assert "There is no report 'wether-week'." in str(refused.value)
    assert "run-history, weather-week" in str(refused.value)


def test_a_class_is_made_anew_for_each_version_and_gets_the_parameters() -> None:
    made = []

    @report(
        slug="mine",
        title="Mine",
        description="",
        period=last_days(1),
        parameters=[Parameter("country", default="DE")],
        formats=["pdf"],
    )
    class Mine:
        def build(self, period: Period, country: str) -> Content:
            made.append(self)
            return Content(f"{country}, {period.zone}.", [])

    definition = definition_of("mine")
    period = definition.period(datetime(2026, 11, 21, tzinfo=UTC))
    contents = [definition.build(period, **definition.checked(given)) for given in ({}, FRANCE)]
    assert [content.summary for content in contents] == ["DE, UTC.", "FR, UTC."]
    assert len({id(one) for one in made}) == 2
    assert definition.formats == ("pdf",)


def test_two_parameters_of_one_name_are_refused() -> None:
    twice = [Parameter("country"), Parameter("country")]
    with pytest.raises(ParameterError, match="Two parameters are called 'country'"):
        report(slug="mine", title="x", description="", period=last_days(1), parameters=twice)(id)
