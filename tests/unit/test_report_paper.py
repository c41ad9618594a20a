"""How texts and tables fit on paper."""

import pytest

from jobs.reports.content import Column, Table
from jobs.reports.rendering.layout import texts_of
from jobs.reports.rendering.paper import ZERO_WIDTH_SPACE, breakable, paper_for
from jobs.reports.values import ValueType


def test_words_that_no_line_has_room_for_may_break() -> None:
    broken = breakable({"text": "x" * 10_000, "rows": [["short words only"]]})
    assert broken["text"].replace(ZERO_WIDTH_SPACE, "") == "x" * 10_000
    assert max(map(len, broken["text"].split(ZERO_WIDTH_SPACE))) == 10
    assert broken["rows"] == [["short words only"]]


def test_scripts_without_spaces_keep_their_own_rules() -> None:
    assert breakable("漢" * 100) == "漢" * 100


@pytest.mark.parametrize(
    ("columns", "lies", "points"), [(4, False, 9), (12, True, 9), (18, True, 7.5), (40, True, 6)]
)
def test_a_wide_table_lies_and_a_wider_one_shrinks(columns: int, lies: bool, points: float) -> None:
    named = [Column(f"Column {at}", ValueType.DECIMAL) for at in range(columns)]
    part = texts_of(Table("T", named, [[1234.5] * columns]), "UTC", 10)
    assert paper_for(part) == (lies, points)


def test_wide_characters_need_more_room() -> None:
    for text, lies in (("x" * 12, False), ("漢" * 12, True)):
        part = texts_of(Table("T", [Column(f"{at}") for at in range(5)], [[text] * 5]), "UTC", 10)
        assert paper_for(part)[0] is lies
