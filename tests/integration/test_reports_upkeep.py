"""What happens around reports: retention, digests, the demo and the data behind them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError
from pytest_django import DjangoCaptureOnCommitCallbacks

from jobs.reports import demo
from jobs.reports.content import Content
from jobs.reports.history.runs import Tally, run_history
from jobs.reports.making import make_version
from jobs.reports.models import Report, Version, WeatherObservation
from jobs.reports.periods import Period, calendar_week, last_days
from jobs.reports.registry import Definition, definition_of
from jobs.reports.report_definitions import NoWeatherError
from jobs.reports.weather.file import HEADER, Observation
from jobs.reports.weather.loading import BATCH_ROWS, store_observations
from jobs.runs.models import Run
from jobs.runs.states import State

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def build(period: Period) -> Content:
    """Return a content without blocks."""
    return Content(f"About {period.label}.", [])


def made(slug: str = "weekly", now: datetime = NOW) -> Version:
    """Return a version made at `now`."""
    definition = Definition(slug, slug.title(), "", calendar_week(), build, formats=("csv",))
    return make_version(definition, now, None, now)


def files_in(folder: Path) -> int:
    """Return how many files there are below `folder`."""
    return sum(path.is_file() for path in folder.rglob("*"))


def test_deleting_a_version_deletes_its_files_after_the_commit(
    artefacts_folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kept, gone = made(), made()
    with django_capture_on_commit_callbacks(execute=True):
        assert Version.objects.filter(pk=gone.pk).delete_with_files() == 1
        assert files_in(artefacts_folder) == 2
    assert list(Version.objects.all()) == [kept]
    assert files_in(artefacts_folder) == 1


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_fails_keeps_rows_and_files(
    artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made()

    def fail(*_: object) -> None:
        raise DatabaseError("the connection is gone")

    monkeypatch.setattr("django.db.models.deletion.Collector.delete", fail)
    with pytest.raises(DatabaseError):
        Version.objects.all().delete_with_files()
    assert Version.objects.get().artefacts.count() == 1
    assert files_in(artefacts_folder) == 1


def test_the_weather_is_loaded_once_however_often_it_is_loaded() -> None:
    for _ in range(2):
        call_command("load_weather", verbosity=0)
    assert WeatherObservation.objects.count() == 1461
    day = WeatherObservation.objects.get(day="2012-01-02")
    assert (day.precipitation_mm, day.highest_celsius, day.lowest_celsius) == (10.9, 10.6, 2.8)


def test_loading_a_file_corrects_the_days_that_it_has(tmp_path: Path) -> None:
    call_command("load_weather", verbosity=0)
    path = tmp_path / "weather.csv"
    path.write_text(f"{','.join(HEADER)}\n2012-01-02,99.5,10,1,1\n2030-01-01,0,1,1,1\n")
    call_command("load_weather", str(path), verbosity=0)
    assert WeatherObservation.objects.count() == 1462
    assert WeatherObservation.objects.get(day="2012-01-02").precipitation_mm == 99.5


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_a_later_batch_loads_nothing() -> None:
    first = date(2000, 1, 1)
    observations = [
        Observation(first + timedelta(days=offset), 0, 1, 1, 1) for offset in range(BATCH_ROWS + 1)
    ]
    observations[-1] = Observation(first + timedelta(days=9999), None, 1, 1, 1)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        store_observations(observations)
    assert not WeatherObservation.objects.exists()


def test_a_broken_file_loads_nothing_and_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    good = (Path(demo.__file__).parent / "data/seattle_weather.csv").read_text()
    path.write_text(good + "2016-01-01,0.0,warm,1.0,1.0\n")
    with pytest.raises(CommandError) as refused:
        call_command("load_weather", str(path))
    assert str(refused.value) == (
        "weather.csv, line 1463: 'warm' in the column temperature_max_celsius is not a number. "
        "Write one like 12.8, or leave the line out."
    )
    assert refused.value.returncode == 1
    assert not WeatherObservation.objects.exists()


def test_the_weather_report_without_data_says_what_to_do() -> None:
    definition = definition_of("weather-week")
    with pytest.raises(NoWeatherError, match=r"`manage.py load_weather`"):
        make_version(definition, NOW, None, NOW)
    assert not Report.objects.exists()


def test_the_weather_report_is_made_of_what_was_loaded() -> None:
    demo.load()
    version = make_version(definition_of("weather-week"), NOW, None, NOW)
    assert version.summary.startswith("In Seattle this week usually brings 10.1\xa0°C by day")


def test_every_demo_schedule_names_a_task_and_a_report_that_exist() -> None:
    current_app.loader.import_default_modules()
    demo.load()
    for schedule in demo.SCHEDULES:
        assert schedule["task"] in current_app.tasks
        definition_of(schedule["kwargs"]["report"])


def run_at(due_at: datetime, state: State, seconds: float | None = None, task: str = "a") -> None:
    """Add a run to the ledger."""
    finished_at = None if seconds is None else due_at + timedelta(seconds=seconds)
    Run.objects.create(
        id=uuid4(),
        task=task,
        due_at=due_at,
        publish_at=due_at,
        state=state,
        started_at=due_at,
        finished_at=finished_at,
        reason_text="it broke" if state == State.FAILED else "",
    )


def test_the_history_counts_the_runs_that_were_due_in_its_period() -> None:
    period = last_days(7)(NOW)
    for due_at in (period.start_at, NOW - timedelta(hours=2), NOW - timedelta(microseconds=1)):
        run_at(due_at, State.SUCCEEDED, seconds=1)
    run_at(NOW - timedelta(hours=2), State.FAILED, seconds=1)
    run_at(NOW - timedelta(hours=2), State.LOST)
    run_at(NOW - timedelta(hours=1), State.RUNNING)
    run_at(period.start_at - timedelta(microseconds=1), State.FAILED)
    run_at(NOW, State.FAILED)
    history = run_history(period)
    assert history.tally == Tally(runs=6, succeeded=3, failed=2)
    assert history.tally.other == 1
    assert len(history.hours) == 24
    assert history.hours[datetime(2026, 11, 21, 7, tzinfo=UTC)] == Tally(3, 1, 2)
    assert history.hours[datetime(2026, 11, 21, 9, tzinfo=UTC)] == Tally(1, 1, 0)
    assert [tally.runs for tally in history.days.values()] == [1, 0, 0, 0, 0, 0, 0, 5]
    assert {run.state for run in history.failures} == {State.LOST, State.FAILED}


def test_days_of_the_history_are_those_of_its_zone() -> None:
    run_at(datetime(2026, 11, 20, 23, 30, tzinfo=UTC), State.SUCCEEDED)
    history = run_history(last_days(1, "Europe/Berlin")(NOW))
    assert {str(day): tally.runs for day, tally in history.days.items()} == {
        "2026-11-20": 0,
        "2026-11-21": 1,
    }


def test_the_history_knows_how_long_each_task_takes() -> None:
    for seconds in range(1, 101):
        run_at(NOW - timedelta(hours=1), State.SUCCEEDED, seconds=seconds, task="slow")
    run_at(NOW - timedelta(hours=1), State.RUNNING, task="new")
    new, slow = run_history(last_days(7)(NOW)).tasks
    assert (slow.median, slow.slow) == (timedelta(seconds=50), timedelta(seconds=95))
    assert (new.task, new.median, new.slow) == ("new", None, None)
