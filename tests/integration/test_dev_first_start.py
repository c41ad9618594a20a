"""What the first start leaves in the database, and what later starts leave alone."""

import json
import stat
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from django.contrib.auth.models import User
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

import jobs
from scheduler_site.development import demo, first_start
from scheduler_site.development.errors import DevelopmentError

pytestmark = pytest.mark.django_db
APPS_WITHOUT_JOBS = ["django.contrib.auth", "django.contrib.contenttypes", "django_celery_beat"]


@pytest.fixture
def no_jobs(settings: Settings) -> None:
    """Leave every job app and its demo out."""
    settings.INSTALLED_APPS = APPS_WITHOUT_JOBS


def add_job(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    """Install the app `jobs.sample` whose demo.py is `source`."""
    package = folder / "sample"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "demo.py").write_text(dedent(source))
    monkeypatch.setattr(jobs, "__path__", [*jobs.__path__, str(folder)])
    for name in ("jobs.sample", "jobs.sample.demo"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    settings.INSTALLED_APPS = [*APPS_WITHOUT_JOBS, "jobs.sample"]


def test_the_first_admin_can_sign_in_with_the_printed_password(
    no_jobs: None, tmp_path: Path
) -> None:
    login = first_start.prepare(tmp_path)
    admin = User.objects.get(username=login.user)
    assert admin.is_superuser
    assert admin.check_password(login.password)
    assert len(login.password) >= 16


def test_a_second_start_prints_the_same_password(no_jobs: None, tmp_path: Path) -> None:
    assert first_start.prepare(tmp_path) == first_start.prepare(tmp_path)
    assert User.objects.count() == 1


def test_the_kept_password_is_readable_by_its_owner_only(no_jobs: None, tmp_path: Path) -> None:
    first_start.prepare(tmp_path)
    assert stat.S_IMODE((tmp_path / "admin-password").stat().st_mode) == 0o600


def test_a_password_changed_by_the_person_is_not_printed_wrong(
    no_jobs: None, tmp_path: Path
) -> None:
    first_start.prepare(tmp_path)
    admin = User.objects.get()
    admin.set_password("something else")
    admin.save()
    assert first_start.prepare(tmp_path) == first_start.Login("admin", "(as you changed it)")


def test_an_admin_made_by_hand_is_named_with_how_to_set_a_password(tmp_path: Path) -> None:
    User.objects.create_superuser("grace", "grace@example.org", "known to her")
    login = first_start.prepare(tmp_path)
    assert login.user == "grace"
    assert "manage.py changepassword grace" in login.password


def test_a_password_file_that_was_cut_short_is_filled(no_jobs: None, tmp_path: Path) -> None:
    (tmp_path / "admin-password").touch()
    assert len(first_start.prepare(tmp_path).password) >= 16


def test_a_demo_schedule_with_an_interval_is_made_once() -> None:
    entry = {"name": "Weather", "task": "reports.make", "kwargs": {"a": 1}, "every_seconds": 30}
    assert demo.make_schedule(entry) is True
    assert demo.make_schedule(entry) is False
    schedule = PeriodicTask.objects.get(name="Weather")
    assert (schedule.interval.every, schedule.interval.period) == (30, "seconds")
    assert json.loads(schedule.kwargs) == {"a": 1}


def test_a_demo_schedule_with_a_crontab_keeps_the_order_of_its_fields() -> None:
    demo.make_schedule(
        {
            "name": "Digest",
            "task": "digests.send",
            "kwargs": {},
            "crontab": "5 7 1 2 3",
            "timezone": "Europe/Berlin",
        }
    )
    rule = PeriodicTask.objects.get(name="Digest").crontab
    found = [rule.minute, rule.hour, rule.day_of_month, rule.month_of_year, rule.day_of_week]
    assert found == ["5", "7", "1", "2", "3"]
    assert str(rule.timezone) == "Europe/Berlin"


def test_the_demo_is_loaded_once_when_there_is_an_admin_to_subscribe(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    source = """
        SCHEDULES = [{"name": "Sample", "task": "sample.run", "kwargs": {}, "every_seconds": 60}]

        def load():
            from django.contrib.auth.models import User
            return f"Admins: {User.objects.count()}."
    """
    add_job(settings, monkeypatch, tmp_path, source)
    first_start.prepare(tmp_path)
    assert capsys.readouterr().out.splitlines() == ["Admins: 1.", "Sample: 1 demo schedules."]
    PeriodicTask.objects.filter(name="Sample").delete()
    first_start.prepare(tmp_path)
    assert not PeriodicTask.objects.filter(name="Sample").exists()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def load():\n    raise ValueError('row 7: no date')", "row 7: no date"),
        ("def load():\n    open('/nowhere/weather.csv')", "/nowhere/weather.csv"),
        ("SCHEDULES = [{'name': 'x', 'task': 'y', 'crontab': '* *'}]", "shorter"),
        ("SCHEDULES = [{'name': 'x', 'every_seconds': 5}]", "KeyError: 'task'"),
    ],
)
def test_a_broken_demo_is_one_sentence_and_no_admin(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, says: str
) -> None:
    add_job(settings, monkeypatch, tmp_path, source)
    with pytest.raises(DevelopmentError) as refused:
        first_start.prepare(tmp_path)
    assert "The demo of jobs.sample could not be loaded" in str(refused.value)
    assert says in str(refused.value)
    assert not User.objects.exists()
    assert not PeriodicTask.objects.exclude(name__startswith="celery.").exists()
