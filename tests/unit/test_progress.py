"""Progress is clipped to sense; no report ever ends a task."""

from typing import Any

import pytest

from jobs.runs.progress import progress


class Unspeakable:
    """An object without a text."""

    def __str__(self) -> str:
        raise RuntimeError("not today")


def test_it_is_how_much_of_how_much_and_a_text() -> None:
    assert progress(40, 100, "rows") == {"done": 40, "total": 100, "text": "rows"}


def test_a_task_need_not_know_how_much_there_is() -> None:
    assert progress(40) == {"done": 40, "total": None, "text": ""}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((-3, 10), (0, 10)),
        ((12, 10), (10, 10)),
        ((3, -10), (3, None)),
        ((3, 0), (3, None)),
        ((0.5, 1), (0.5, 1)),
        ((float("nan"), float("nan")), (0, None)),
        ((float("inf"), float("inf")), (10**15, 10**15)),
        ((10**400, None), (10**15, None)),
        (("3", "many"), (0, None)),
        ((None, None), (0, None)),
    ],
)
def test_wrong_numbers_are_clipped(given: tuple[Any, Any], kept: tuple[Any, Any]) -> None:
    made = progress(*given)
    assert (made["done"], made["total"]) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\n  c", "a\ufffdb c"),
        ("x" * 1_000_000, "x" * 200),
        (3, "3"),
        (Unspeakable(), ""),
    ],
)
def test_a_text_is_one_short_line(text: Any, kept: str) -> None:
    assert progress(1, 2, text)["text"] == kept
