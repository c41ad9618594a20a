"""The watchman of a worker: what keeps it looking, and what it must not keep."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from jobs.alerts import watchman
from jobs.alerts.models import Alert, Watch
from jobs.alerts.silence import the_watch
from jobs.alerts.watchman import Watchman
from tests.integration.outgoing_runs import NOW

pytestmark = pytest.mark.django_db(transaction=True)


class Looks:
    """Stands for the end of a watchman: it comes after so many looks, at once."""

    def __init__(self, count: int) -> None:
        self.left = count

    def wait(self, _seconds: float) -> bool:
        """Return whether the watchman is to look no more."""
        self.left -= 1
        return self.left < 0


def go_on(
    monkeypatch: pytest.MonkeyPatch, watchman: Watchman, problems: Sequence[Exception | None]
) -> None:
    """Let a watchman meet these problems, one in each look, and look well at last."""
    look, coming = watchman.look, iter(problems)

    def look_or_fail() -> int | None:
        problem = next(coming, None)
        if problem is not None:
            raise problem
        return look()

    monkeypatch.setattr(watchman, "look", look_or_fail)
    monkeypatch.setattr(watchman, "_is_over", Looks(len(problems) + 1))
    watchman._go_on()


def test_no_error_stops_a_watchman_and_an_outage_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = [OperationalError("away"), InterfaceError("closed"), RuntimeError("of the mails")]
    go_on(monkeypatch, Watchman(), [*away, None, OperationalError("away again")])
    told = [record.getMessage() for record in caplog.records]
    assert [text.count("beat is not watched") for text in told].count(1) == 2
    assert [text.count("a look for troubles failed") for text in told].count(1) == 1
    assert Watch.objects.exists(), "it has looked after that"


def test_a_watchman_looks_by_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.alerts.watchman.database_now", lambda: NOW)
    Watchman().look()
    assert Watch.objects.get().looked_at == NOW


def test_a_watchman_keeps_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on(monkeypatch, Watchman(), [])
    assert connection.connection is None


@pytest.mark.parametrize(("problems", "alerts"), [([], 1), ([OperationalError("away")], 0)])
def test_beat_gets_the_time_to_come_back_after_an_outage_of_the_database(
    monkeypatch: pytest.MonkeyPatch, problems: list[Exception], alerts: int
) -> None:
    watchman = Watchman()
    long_ago = timezone.now() - timedelta(hours=1)
    the_watch(long_ago)
    watchman._up_since = long_ago
    go_on(monkeypatch, watchman, problems)
    assert Alert.objects.count() == alerts


@pytest.mark.parametrize(("silent_seconds", "pause_seconds"), [(8, 2), (3_600, 30)])
def test_a_watchman_looks_often_enough_for_both_of_its_duties(
    settings: Settings, silent_seconds: int, pause_seconds: int
) -> None:
    settings.BEAT_SILENT_SECONDS = silent_seconds
    assert Watchman()._pause == timedelta(seconds=pause_seconds)


@pytest.mark.parametrize("silent_seconds", [0, 120])
def test_a_worker_has_a_watchman_until_it_stops_unless_that_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, silent_seconds: int
) -> None:
    settings.BEAT_SILENT_SECONDS = silent_seconds
    monkeypatch.setattr(watchman, "_watchman", None)
    watchman._start()
    made: Watchman | None = watchman._watchman
    assert (made is not None) == bool(silent_seconds)
    watchman._end()
    if made is not None:
        made._thread.join(10)
        assert not made._thread.is_alive()
