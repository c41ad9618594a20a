"""How reports are found."""

from collections.abc import Callable

import pytest

from jobs.reports import registry
from jobs.reports.content import Content
from jobs.reports.periods import Period, last_days
from jobs.reports.registry import DefinitionError, UnknownReportError, definition_of, report


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test add reports that nobody else sees."""
    monkeypatch.setattr(registry, "_definitions", dict(registry.definitions()))


def declared(slug: str, title: str = "A title") -> Callable[[Period], Content]:
    """Declare a report with this slug."""

    @report(slug=slug, title=title, description="", period=last_days(1))
    def build(period: Period) -> Content:
        return Content("Nothing.", [])

    return build


def test_the_reports_of_every_installed_app_are_found() -> None:
    assert {"weather-week", "run-history"} <= registry.definitions().keys()


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
