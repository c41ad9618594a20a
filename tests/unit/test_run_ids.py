"""Ids of runs: version 7, in the order of time, never the same twice."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from jobs.runs.ids import new_run_id, new_run_ids

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_that_tells_its_millisecond() -> None:
    run_id = new_run_id(NOW + timedelta(milliseconds=123))
    assert (run_id.version, run_id.variant) == (7, RFC_4122)
    assert run_id.int >> 80 == int(NOW.timestamp() * 1000) + 123


def test_ids_of_a_later_millisecond_sort_later() -> None:
    earlier = new_run_ids(NOW, 100)
    later = new_run_ids(NOW + timedelta(milliseconds=1), 100)
    assert max(earlier) < min(later)


def test_ids_of_one_batch_increase_and_differ() -> None:
    ids = new_run_ids(NOW, 10_000)
    assert ids == sorted(set(ids))
    assert all(run_id.version == 7 and run_id.variant == RFC_4122 for run_id in ids)


def test_two_processes_make_different_ids_at_one_instant() -> None:
    assert not set(new_run_ids(NOW, 1_000)) & set(new_run_ids(NOW, 1_000))


def test_no_ids_are_no_ids() -> None:
    assert new_run_ids(NOW, 0) == []
