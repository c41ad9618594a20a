"""What a report can be asked with."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.reports.parameters import TYPES, Parameter, ParameterError, checked
from jobs.reports.values import ValueType, clean_value

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
likely_texts = st.from_regex(r"[-+0-9eE.:TZ _,aN∞]{0,80}") | st.sampled_from(
    ["NaN", "Infinity", "1e999", "0x10", "१२", "9" * 5_000, "2026-W47-6", "0000-01-01", "24:00"]
)


@pytest.mark.parametrize(
    ("type_", "given", "value"),
    [
        (ValueType.TEXT, "DE", "DE"),
        (ValueType.TEXT, "", ""),
        (ValueType.WHOLE, "12", 12),
        (ValueType.WHOLE, -3, -3),
        (ValueType.DECIMAL, "12.5", 12.5),
        (ValueType.DECIMAL, 2, 2.0),
        (ValueType.DATE, "2026-11-21", date(2026, 11, 21)),
        (ValueType.INSTANT, "2026-11-21T06:00:00+01:00", datetime(2026, 11, 21, 5, tzinfo=UTC)),
    ],
)
def test_a_parameter_reads_what_schedules_and_forms_give(
    type_: ValueType, given: object, value: object
) -> None:
    assert Parameter("it", type_).read(given) == value


@pytest.mark.parametrize(
    ("type_", "given", "sentence"),
    [
        (ValueType.WHOLE, "12.5", "is '12.5', which is not a whole number. Write a number like 12"),
        (ValueType.WHOLE, True, "is True, which is not a whole number"),
        (ValueType.WHOLE, 2**63, "is not a whole number"),
        (ValueType.DECIMAL, "NaN", "is not a decimal number"),
        (ValueType.DATE, "21.11.2026", "Write a day like 2026-11-21"),
        (ValueType.INSTANT, "2026-11-21T06:00:00", "Write an instant with its offset"),
        (ValueType.TEXT, 5, "is not a text"),
        (ValueType.TEXT, "a\0b", "without control characters"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_to_write(
    type_: ValueType, given: object, sentence: str
) -> None:
    with pytest.raises(ParameterError, match="The parameter 'it'") as refused:
        Parameter("it", type_).read(given)
    assert sentence in str(refused.value)


def test_a_choice_takes_nothing_else() -> None:
    parameter = Parameter("size", choices=["small", "large"])
    assert parameter.read("large") == "large"
    with pytest.raises(ParameterError, match="Write one of: small, large"):
        parameter.read("huge")


def test_defaults_fill_in_what_is_not_given() -> None:
    parameters = [Parameter("country", default="DE"), Parameter("days", ValueType.WHOLE)]
    assert checked(parameters, {"days": "7"}) == {"country": "DE", "days": 7}
    with pytest.raises(ParameterError, match="The parameter 'days' is missing"):
        checked(parameters, {})
    with pytest.raises(ParameterError, match=r"There is no parameter 'day'. There are: country"):
        checked(parameters, {"day": 7})


@pytest.mark.parametrize("name", ["", "Country", "1st", "a b", "class", "period", "period_start"])
def test_a_name_that_cannot_be_bound_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="cannot be called so"):
        Parameter(name)


@given(type_=st.sampled_from(TYPES), given_=json_values | likely_texts)
def test_whatever_is_given_is_a_clean_value_or_refused_with_a_sentence(
    type_: ValueType, given_: Any
) -> None:
    try:
        value = Parameter("it", type_).read(given_)
    except ParameterError as refused:
        assert str(refused).startswith("The parameter 'it' is ")
        assert len(str(refused)) < 300
    else:
        assert value is not None
        assert clean_value(value, type_, "it") == value
