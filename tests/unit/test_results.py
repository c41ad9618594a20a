"""A result is JSON that both databases keep, bounded, with the links that the task gave."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.runs.results import RESULT_BYTES, Link, bounded, link_to, links_of, with_links

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Unspeakable:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("not today")


def endless() -> list[Any]:
    """Return a list that holds itself."""
    made: list[Any] = []
    made.append(made)
    return made


def test_json_is_kept_as_it_is() -> None:
    assert bounded({"at": NOW, "count": [1, None]}) == {
        "at": "2026-03-01T08:00:00Z",
        "count": [1, None],
    }


@pytest.mark.parametrize(
    ("value", "beginning"),
    [
        (object(), "<object object"),
        (float("nan"), "nan"),
        (endless(), "[[...]]"),
        (Unspeakable(), "<Unspeakable that cannot be shown>"),
    ],
)
def test_what_is_no_json_is_kept_in_words(value: Any, beginning: str) -> None:
    assert bounded(value).startswith(beginning)


def test_what_is_too_large_is_cut_and_says_how_large_it_was() -> None:
    cut = bounded("€" * RESULT_BYTES)
    assert cut.startswith('"€€€')
    assert cut.endswith("(too large to keep: 49,154 bytes, 16,384 are kept whole)")


def test_what_postgresql_refuses_in_json_is_made_harmless() -> None:
    assert bounded({"a\x00\x00": "\ud800", "text": "\\u0000"}) == {
        "a\ufffd\ufffd": "?",
        "text": "\\u0000",
    }


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"rows": 3}, {"rows": 3}),
        (None, {}),
        ("done", {"value": "done"}),
        ([1], {"value": [1]}),
    ],
)
def test_links_stand_beside_the_result(value: Any, result: dict[str, Any]) -> None:
    kept = with_links(value, [Link("Sales", "/reports/7/")])
    assert kept == {**result, "links": [{"title": "Sales", "url": "/reports/7/"}]}
    assert links_of(kept) == [Link("Sales", "/reports/7/")]


def test_a_result_without_links_is_as_the_task_returned_it() -> None:
    assert with_links([1], []) == [1]


@pytest.mark.parametrize("url", ["/reports/7/?page=2", "https://example.org/a b".replace(" ", "_")])
def test_an_address_here_or_elsewhere_is_a_link(url: str) -> None:
    assert link_to("Sales", url) == Link("Sales", url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "//example.org/",
        "/\\example.org/",
        "data:text/html,x",
        "reports/7/",
        "/a\nb",
        "",
        "/" + "x" * 3000,
    ],
)
def test_an_address_that_no_page_should_follow_is_no_link(url: str) -> None:
    assert link_to("Sales", url) is None
    assert links_of({"links": [{"title": "Sales", "url": url}]}) == []


@pytest.mark.parametrize("result", [None, 3, [], {"links": 3}, {"links": [3, {"url": 3}, {}]}])
def test_a_result_of_any_shape_may_be_asked_for_links(result: Any) -> None:
    assert links_of(result) == []
