"""What the benchmarks work out of measured values."""

import pytest

from benchmarks.figures import lateness_in_order, milliseconds, percentile


def test_a_percentile_is_one_of_the_values() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert percentile(hundred, 50) == 50
    assert percentile(hundred, 99) == 99
    assert percentile(hundred, 100) == 100
    assert percentile([7.0], 1) == 7


def test_the_99th_percentile_of_few_values_is_the_largest() -> None:
    assert percentile([1.0, 2.0, 3.0], 99) == 3


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
    assert milliseconds([]) == ["none", "none", "none"]


def test_cells_are_the_median_the_99th_percentile_and_the_largest() -> None:
    seconds = [0.001 * number for number in range(1, 201)]
    assert milliseconds(seconds) == ["100 ms", "198 ms", "200 ms"]


def test_a_message_counts_against_the_occurrence_of_its_place() -> None:
    late = lateness_in_order([120.5, 100.25, 110.0], 100.0, 10.0, 3)
    assert late == [0.25, 0.0, 0.5]


def test_who_leaves_occurrences_out_falls_behind() -> None:
    late = lateness_in_order([100.0, 120.0, 140.0], 100.0, 10.0, 5)
    assert late == [0.0, 10.0, 20.0]


def test_messages_after_the_last_counted_occurrence_do_not_count() -> None:
    assert lateness_in_order([100.0, 110.0, 120.0], 100.0, 10.0, 2) == [0.0, 0.0]
