"""`once`: of all who come with a key one does it, and nobody again once it is done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone

from jobs.runs import once as once_module
from jobs.runs.current import UnderWayError, once
from jobs.runs.models import Once, Run
from jobs.runs.once import LONGEST_WITHOUT_RUN, Unknown, bounded_key, forget_keys
from jobs.runs.states import State
from tests.integration.executing import executing, running_run

KEY = "digest:ada:2026-03-01"


def is_first(key: str = KEY, unknown: Unknown = "repeat") -> bool:
    """Do the effect, and return whether it was for us to do."""
    with once(key, unknown) as first:
        return first


def begun(run: Run | None, ago: timedelta = timedelta(0)) -> Once:
    """Return the row that somebody left who began and was not heard of again."""
    run_id = run.id if run is not None else None
    return Once.objects.create(key=KEY, run_id=run_id, begun_at=timezone.now() - ago)


@pytest.mark.django_db
def test_the_first_one_does_it_and_nobody_again() -> None:
    with executing() as run:
        assert is_first()
    assert not is_first()
    row = Once.objects.get()
    assert row.run_id == run.id
    assert row.done_at is not None
    assert row.done_at >= row.begun_at


@pytest.mark.django_db
def test_it_is_written_down_before_the_effect() -> None:
    with once(KEY) as first:
        assert first
        assert Once.objects.get().done_at is None


@pytest.mark.django_db(transaction=True)
def test_inside_of_a_transaction_it_refuses() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        is_first()
    assert is_first()


@pytest.mark.django_db
def test_an_effect_that_raises_gives_the_key_free_again() -> None:
    with pytest.raises(OSError, match="full"), once(KEY):
        raise OSError("full")
    assert is_first()


@pytest.mark.django_db
def test_a_soft_time_limit_in_the_middle_leaves_open_whether_it_happened() -> None:
    with executing() as run, pytest.raises(SoftTimeLimitExceeded), once(KEY):
        raise SoftTimeLimitExceeded
    Run.objects.filter(id=run.id).update(state=State.FAILED)
    assert not is_first(unknown="leave")
    assert is_first()


@pytest.mark.django_db(transaction=True)
def test_of_two_connections_one_does_it() -> None:
    for round_number in range(10):
        outcomes = together([f"{KEY}:{round_number}"] * 2)
        assert outcomes.count(True) == 1
        assert Once.objects.count() == round_number + 1


def together(keys: list[str]) -> list[bool | None]:
    """Return what each of several processes' worth of threads was told; None is "under way"."""
    start = Barrier(len(keys))

    def work(key: str) -> bool | None:
        try:
            start.wait()
            return is_first(key)
        except UnderWayError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(keys)) as threads:
        return list(threads.map(work, keys))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_find_it_abandoned_one_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it, two threads of one process stand for two processes.
    monkeypatch.setattr(once_module, "_hold", lambda _key: None)
    for _ in range(10):
        Once.objects.all().delete()
        begun(running_run(state=State.LOST))
        assert together([KEY, KEY]).count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_while_another_run_is_at_it_nobody_knows_and_it_says_so() -> None:
    holder = running_run()
    begun(holder)
    with executing(), pytest.raises(UnderWayError, match=str(holder.id)):
        is_first()


@pytest.mark.django_db(transaction=True)
def test_two_threads_of_one_run_do_it_once() -> None:
    entered, leave = Event(), Event()
    run = running_run()

    def hold() -> bool:
        try:
            with executing(run), once(KEY) as first:
                entered.set()
                leave.wait(30)
                return first
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(hold)
        assert entered.wait(30)
        try:
            with executing(run), pytest.raises(UnderWayError, match="in this process"):
                is_first()
        finally:
            leave.set()
        assert holding.result()


@pytest.mark.django_db
@pytest.mark.parametrize(("unknown", "again"), [("repeat", True), ("leave", False)])
@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.LOST])
def test_whose_run_is_not_running_any_more_may_have_done_it_or_not(
    state: State, unknown: Unknown, again: bool
) -> None:
    begun(running_run(state=state))
    with executing():
        assert is_first(unknown=unknown) is again


@pytest.mark.django_db
@pytest.mark.parametrize(("unknown", "again"), [("repeat", True), ("leave", False)])
def test_the_next_attempt_of_a_run_does_not_wait_for_itself(unknown: Unknown, again: bool) -> None:
    run = running_run(attempt=2)
    begun(run)
    with executing(run):
        assert is_first(unknown=unknown) is again


@pytest.mark.django_db
def test_outside_of_a_run_time_decides_who_is_dead() -> None:
    row = begun(None)
    with pytest.raises(UnderWayError, match="outside of a run"):
        is_first()
    Once.objects.filter(key=row.key).update(begun_at=timezone.now() - LONGEST_WITHOUT_RUN)
    assert is_first()


@pytest.mark.django_db
def test_a_key_of_any_length_is_a_key_of_its_own() -> None:
    long = "x" * 1000
    assert len(bounded_key(long)) == 200
    assert bounded_key(KEY) == KEY
    assert is_first(long + "a")
    assert is_first(long + "b")
    assert not is_first(long + "a")
    assert is_first("a\x00b")


@pytest.mark.django_db
def test_old_keys_are_forgotten_in_batches_the_oldest_first() -> None:
    now = timezone.now()
    for days in range(5):
        Once.objects.create(key=str(days), begun_at=now - timedelta(days=days), done_at=now)
    before = now - timedelta(days=1, hours=12)
    assert forget_keys(before, limit=2) == 2
    assert set(Once.objects.values_list("key", flat=True)) == {"0", "1", "2"}
    assert forget_keys(before, limit=2) == 1
    assert forget_keys(before, limit=2) == 0
