"""Workers watch beat, and look for troubles when nobody else does."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from beat.models import Beat
from jobs.alerts.looking import LONGEST_WITHOUT_LOOK, look, look_as_worker
from jobs.alerts.models import Alert, Trouble, Watch
from jobs.alerts.silence import the_watch, watch_beat
from jobs.alerts.watching import watch
from jobs.runs.states import State
from tests.integration.alerting import asking, ended
from tests.integration.outgoing_runs import NOW

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)
PAUSE = 30 * SECOND


@pytest.fixture(autouse=True)
def told(settings: Settings) -> None:
    """Let somebody be told."""
    settings.ALERTS_TO = ["ops@example.org"]
    settings.BEAT_SILENT_SECONDS = 120


def tick(at: datetime, name: str = "beat-1") -> None:
    """Let a beat write that it has ticked."""
    values = {"host": "here", "pid": 1, "started_at": NOW, "last_tick_at": at}
    Beat.objects.update_or_create(name=name, defaults=values)


def seconds(count: float) -> datetime:
    """Return an instant so long after the worker was started."""
    return NOW + count * SECOND


def worker_looks(at: datetime) -> list[str]:
    """Let a worker that was started at NOW look; return the subjects of its mails."""
    look_as_worker(at, NOW, PAUSE, nullcontext)
    subjects = [str(message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return subjects


def test_silence_of_beat_is_told_once_and_its_end_too() -> None:
    the_watch(NOW)
    tick(NOW)
    assert worker_looks(seconds(30)) == []
    assert worker_looks(seconds(149)) == []
    watch(seconds(149))
    assert worker_looks(seconds(179)) == ["Beat is silent"]
    alert = Alert.objects.get()
    assert "No beat has ticked since 2026-03-01 at 08:00:30" in alert.sentence
    assert worker_looks(seconds(209)) == []
    watch(seconds(209))
    assert Alert.objects.filter(over_at=None).exists(), "the look at schedules leaves it alone"
    tick(seconds(220))
    assert worker_looks(seconds(239)) == ["In order again: Beat"]
    assert worker_looks(seconds(269)) == []


def test_a_clock_that_runs_ahead_hides_no_tick_and_feigns_none() -> None:
    tick(NOW + timedelta(hours=1), "dead beat of another machine")
    for second in range(30, 330, 30):
        tick(seconds(second))
        assert worker_looks(seconds(second)) == []
    assert worker_looks(seconds(421)) == ["Beat is silent"]


def test_beat_gets_the_time_to_come_back_when_all_were_stopped() -> None:
    the_watch(NOW - timedelta(hours=8))
    watch_beat(NOW - timedelta(hours=8), NOW - timedelta(hours=8))
    look(NOW)
    assert worker_looks(seconds(90)) == []
    assert worker_looks(seconds(120)) == ["Beat is silent"]


def test_a_worker_that_is_started_in_the_silence_does_not_end_the_alert() -> None:
    the_watch(NOW)
    assert watch_beat(seconds(200), NOW)
    assert not watch_beat(seconds(230), NOW), "it is said once"
    assert not watch_beat(seconds(230), up_since=seconds(220))
    assert Alert.objects.get().over_at is None


def test_two_workers_begin_one_alert_of_beat() -> None:
    the_watch(NOW)
    others: list[str] = []

    def begin_before(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("INSERT") and "alerts_alert" in sql and not others:
            others.append(sql)
            Alert.objects.create(schedule_name="Beat", trouble=Trouble.SILENT, begun_at=NOW)
        return execute(sql, *arguments)

    with connection.execute_wrapper(begin_before):
        watch_beat(seconds(200), NOW)
    assert Alert.objects.get().begun_at == NOW


def test_one_alert_of_beat_goes_on_at_a_time_and_schedules_are_another_matter() -> None:
    values = {"schedule_name": "Beat", "begun_at": NOW, "told_to": ""}
    Alert.objects.create(trouble=Trouble.SILENT, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(trouble=Trouble.SILENT, **values)
    for name in ("One", "Two"):
        ended(asking(name), State.FAILED, 1)
    watch(NOW)
    for alert in Alert.objects.filter(trouble=Trouble.FAILED):
        assert alert.schedule is not None
        alert.schedule.delete()
    assert Alert.objects.filter(over_at=None, schedule=None).count() == 3


def test_workers_look_for_troubles_when_nobody_has_for_long() -> None:
    look(NOW)
    ended(asking(), State.FAILED, 1)
    tick(seconds(1))
    assert worker_looks(NOW + LONGEST_WITHOUT_LOOK) == []
    tick(seconds(170))
    overdue = NOW + LONGEST_WITHOUT_LOOK + PAUSE
    assert worker_looks(overdue) == ["Weather failed"]
    assert the_watch(NOW).looked_at == overdue, "no other worker has to"
    assert worker_looks(overdue + PAUSE) == []


def test_a_look_that_finds_nothing_new_does_not_ask_whom_to_tell() -> None:
    the_watch(NOW)
    tick(seconds(20))
    assert look_as_worker(seconds(30), NOW, PAUSE, nullcontext) is None


def test_of_all_workers_one_looks_in_a_pause(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    the_watch(NOW)
    at = NOW + LONGEST_WITHOUT_LOOK + PAUSE
    assert look_as_worker(at, NOW, PAUSE, nullcontext) is not None
    ended(asking(), State.FAILED, 1)
    Alert.objects.all().delete()
    # It asks before it writes: an update of nothing takes SQLite's write lock, too.
    with django_assert_num_queries(1):
        assert look_as_worker(at + SECOND, NOW, PAUSE, nullcontext) is None
    assert not Alert.objects.exists()
    early = at + PAUSE - SECOND
    look_as_worker(early, NOW, PAUSE, nullcontext)
    assert the_watch(NOW).beat_looked_at == early, "pauses differ by a little"


def test_of_two_workers_that_come_at_the_same_time_one_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = the_watch(NOW)
    at = NOW + LONGEST_WITHOUT_LOOK + PAUSE
    assert look_as_worker(at, NOW, PAUSE, nullcontext) is not None
    Watch.objects.update(looked_at=NOW)
    # The other one has read the row before that.
    monkeypatch.setattr("jobs.alerts.looking.the_watch", lambda _: before)
    assert look_as_worker(at, NOW, PAUSE, nullcontext) is None


def test_a_silent_beat_is_on_record_where_nobody_is_to_be_told(settings: Settings) -> None:
    settings.ALERTS_TO = []
    the_watch(NOW)
    assert worker_looks(seconds(150)) == []
    assert Alert.objects.get().trouble == Trouble.SILENT
