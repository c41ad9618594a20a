"""YAML as JSON's values: nothing is guessed, nothing is said twice, each problem has its line."""

import os
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beat.as_code.problems import FileError
from beat.as_code.reading import read
from beat.as_code.yaml_nodes import YamlError, YamlText, dump

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.sampled_from(["no", "on", "2026-12-24", "12:30:00", "007", "1e3", "~", "<<", "=", "0x1f"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def value_of(text: str) -> Any:
    """Return what a text of YAML says."""
    yaml = YamlText(text)
    assert yaml.root is not None
    return yaml.value(yaml.root)


@settings(max_examples=EXAMPLES, deadline=None)
@given(VALUES)
@example({"a": "one\n two\x85three\u2028four\r\n", "b": ["\t", " leading", "trailing ", "#", "- "]})
@example({"": [[], {}, [[]], -0.0, 1e300, 5e-324]})
def test_what_is_written_is_read_as_the_same_values(value: Any) -> None:
    assert repr(value_of(dump(value))) == repr(value)


def test_words_and_dates_are_texts_and_only_numbers_are_numbers() -> None:
    text = "[no, on, yes, 2026-12-24, 12:30:00, 1_000, 007, 1e3, .5, true, null, 0x10]"
    assert value_of(text) == [
        "no", "on", "yes", "2026-12-24", "12:30:00", "1_000", 7, 1000.0, 0.5, True, None, "0x10",
    ]  # fmt: skip


def test_a_name_that_is_said_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(YamlError, match="'a' was said in line 1 already") as caught:
        value_of("a: 1\nb: 2\na: 3\n")
    assert caught.value.line == 3


def test_merged_names_give_way_to_own_ones() -> None:
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], c: 3}\n"
    assert value_of(text)["z"] == {"a": 1, "b": 1, "c": 3}


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['true']",
        "!!timestamp 2026-12-24",
        "!!binary aGVsbG8=",
        "&a [*a]",
        "{? [1] : 2}",
        "{1: 2}",
        "a: [",
        "a: 1\n---\nb: 2",
        "a: \x07",
        "1" * 5000,
        "1e999",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(YamlError):
        value_of(text)


def test_a_few_lines_cannot_stand_for_a_billion_values() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(YamlError, match="too much"):
        value_of("\n".join(lines))


def test_every_problem_of_a_file_is_told_with_its_line_and_key() -> None:
    content = (
        "schedules:\n"
        "  one:\n    task: 3\n    wen: {}\n"
        "  two:\n    task: x\n    when: {crontab: '* * * *'}\n    priority: high\n"
        "  b b:\n    task: x\n    when: {every: 1 day}\n"
    )
    with pytest.raises(FileError) as caught:
        read(content, "team.yaml", "UTC")
    assert [(p.line, p.key, p.field) for p in caught.value.problems] == [
        (3, "one", "task"),
        (4, "one", "wen"),
        (2, "one", ""),
        (7, "two", "when"),
        (8, "two", "priority"),
        (9, "b b", ""),
    ]
    assert "team.yaml, line 4, one, wen: 'wen' is unknown; perhaps 'when'." in str(caught.value)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("{crontab: '0 9 * * *', every: 1 day}", "Write one of"),
        ("{}", "here are none"),
        ("{every: often}", "such as 10 minutes"),
        ("{every: 1 day, timezone: UTC}", "does not belong to 'every'"),
        ("{at: tomorrow}", "cannot be read"),
        ("{solar: {event: sunset}}", "latitude"),
        ("{solar: {event: sunset, latitude: north, longitude: 1}}", "no number of degrees"),
        ("{crontab: '0 9 * * mon /bin/echo'}", "a command follows"),
        ("9", "such as {crontab"),
    ],
)
def test_a_rule_that_cannot_be_read_is_told_in_words(when: str, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        read(f"schedules: {{one: {{task: x, when: {when}}}}}", "f", "UTC")


def test_a_local_time_counts_in_its_zone() -> None:
    content = "schedules: {one: {task: x, when: {at: 2026-12-24 18:00, timezone: Europe/Berlin}}}"
    [placed] = read(content, "f", "UTC")
    assert placed.text.when["clocked_time"].isoformat() == "2026-12-24T17:00:00+00:00"
    assert placed.text.one_off
