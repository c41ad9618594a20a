"""The fields of a crontab line are read as Celery's own parser reads them."""

import pytest
from celery.schedules import ParseException, crontab_parser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beat.occurrences import CrontabError, fields
from beat.occurrences.fields import Field

FIELDS = [fields.MINUTE, fields.HOUR, fields.DAY_OF_MONTH, fields.MONTH, fields.DAY_OF_WEEK]
ODD_TEXTS = [
    "*",
    "**",
    "*/",
    "*/0",
    "*/5",
    "*/5junk",
    "*/x",
    "*/5/2",
    "*5",
    "1-5",
    "5-1",
    "5-2/2",
    "1-5/",
    "1-5/0",
    "1-5/2",
    "1-5/2junk",
    "1-5junk",
    "1-5 junk",
    "1-5-3",
    "1-2-3/2",
    "-5",
    "1--5",
    "1-",
    "-",
    "",
    ",",
    "1,",
    ",1",
    "1,,2",
    "1, 2",
    " 1",
    " 1-5",
    "1 ",
    "+5",
    "1_0",
    "0x1",
    "1.5",
    "01",
    "0005",
    "٣",
    "1-٣",
    "*/٢",
    "²",
    "½",
    "sun",
    "SUN",
    "Sunday",
    "sunflower",
    "su",
    "mon-fri",
    "fri-mon",
    "sat-sun",
    "jan",
    "december",
    "jan-mar",
    "may-2",
    "mon-jan",
    "7",
    "07",
    "8",
    "0-7",
    "5-7",
    "7-2",
    "7-7",
    "1-7/2",
    "sun-7",
    "*/7",
    "*/8",
    "0,7",
    "59",
    "60",
    "24",
    "31",
    "32",
    "12",
    "13",
    "0",
    "9" * 5000,
    "*/" + "9" * 30,
    "?",
    "L",
    "5#2",
    "@daily",
    "*\n",
    "1\n",
    "1-5\n",
]
TOKENS = [*"0123456789-*/, +_", "sun", "Mon", "jan", "FEB", "\uff17", "59", "60", "23", "31", "x"]


def read_by_celery(field: Field, text: str) -> frozenset[int] | None:
    """Return what Celery makes of a field, or None where it refuses it; 7 is Sunday to us."""
    if field is not fields.DAY_OF_WEEK:
        return parsed(field.largest - field.smallest + 1, field.smallest, text)
    found: set[int] = set()
    for part in text.split(","):
        numbers = parsed(7, 0, part) or parsed(8, 0, part)
        if numbers is None:
            return None
        found.update(number % 7 for number in numbers)
    return frozenset(found)


def parsed(count: int, smallest: int, text: str) -> frozenset[int] | None:
    try:
        return frozenset(crontab_parser(count, smallest).parse(text))
    except (ParseException, ValueError):
        return None


def read_by_us(field: Field, text: str) -> frozenset[int] | None:
    try:
        return fields.numbers_of(field, text)
    except CrontabError:
        return None


@pytest.mark.parametrize("field", FIELDS, ids=[field.name for field in FIELDS])
def test_odd_texts_mean_what_they_mean_to_celery(field: Field) -> None:
    differing = [
        text for text in ODD_TEXTS if read_by_us(field, text) != read_by_celery(field, text)
    ]
    assert not differing


@settings(max_examples=1000, deadline=None)
@example(fields.DAY_OF_WEEK, "5-2/2,7")
@given(
    st.sampled_from(FIELDS),
    st.one_of(st.lists(st.sampled_from(TOKENS), max_size=7).map("".join), st.text(max_size=5)),
)
def test_any_text_means_what_it_means_to_celery(field: Field, text: str) -> None:
    assert read_by_us(field, text) == read_by_celery(field, text)


@pytest.mark.parametrize(
    ("text", "days"), [("7", {0}), ("5-7", {5, 6, 0}), ("7-2", {0, 1, 2}), ("1,7", {0, 1})]
)
def test_seven_is_sunday(text: str, days: set[int]) -> None:
    assert fields.numbers_of(fields.DAY_OF_WEEK, text) == days


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        (fields.MINUTE, "60", "The minute '60' is outside 0 to 59."),
        (fields.HOUR, "x", "The hour 'x' is not a number or a name."),
        (fields.MONTH, "*/", "The month has no number after '/'; write a step such as */5."),
        (
            fields.DAY_OF_MONTH,
            "1,,2",
            "The day of month has an empty part; write a number between commas.",
        ),
        (fields.DAY_OF_WEEK, "8", "The day of week '8' is outside 0 to 7."),
    ],
)
def test_a_refusal_says_which_field_and_why(field: Field, text: str, sentence: str) -> None:
    with pytest.raises(CrontabError) as caught:
        fields.numbers_of(field, text)
    assert str(caught.value) == sentence
