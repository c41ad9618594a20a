"""What beat does to schedules by itself is in their trails too."""

from datetime import UTC, datetime, timedelta

import pytest
from auditlog.models import LogEntry
from celery import Celery
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, PeriodicTask

from beat.claim.claiming import claim, write_back
from beat.code_schedules.storing import store_code_schedules
from beat.reconcile.reconciling import reconcile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def told() -> list[tuple[str, str, dict[str, list[str]]]]:
    """Return who did what with which difference, oldest first; without what was added."""
    return [
        (entry.additional_data["by"], entry.additional_data["action"], entry.changes)
        for entry in LogEntry.objects.exclude(action=LogEntry.Action.CREATE).order_by("pk")
    ]


def by_crontab(minute: str) -> PeriodicTask:
    """Return a schedule with this minute, written past all checks."""
    rule = CrontabSchedule.objects.create(minute=minute)
    return PeriodicTask.objects.create(name="Hourly", task="reports.make", crontab=rule)


def test_a_schedule_that_runs_once_is_switched_off_by_beat() -> None:
    rule = ClockedSchedule.objects.create(clocked_time=NOW + timedelta(minutes=1))
    schedule = PeriodicTask.objects.create(
        name="Once", task="reports.make", clocked=rule, one_off=True
    )
    reconcile(NOW)
    later = NOW + timedelta(minutes=2)
    write_back(claim(later, 10, "beat-1"), later)
    schedule.refresh_from_db()
    assert not schedule.enabled
    assert told() == [("beat", "disable", {"enabled": ["yes", "no"]})]


def test_a_broken_schedule_is_set_aside_once_and_mended_once() -> None:
    schedule = by_crontab("99")
    reconcile(NOW)
    PeriodicTask.objects.filter(pk=schedule.pk).update(description="still broken")
    reconcile(NOW)
    CrontabSchedule.objects.update(minute="9")
    reconcile(NOW)
    [aside, mended] = told()
    assert aside[:2] == ("beat", "set aside")
    assert mended[:2] == ("beat", "in order again")
    assert aside[2]["set aside"] == ["", mended[2]["set aside"][0]]
    assert "99" in aside[2]["set aside"][1]


def test_schedules_in_order_leave_nothing() -> None:
    by_crontab("9")
    reconcile(NOW)
    write_back(claim(NOW + timedelta(hours=2), 10, "beat-1"), NOW + timedelta(hours=2))
    assert told() == []


def test_what_the_code_says_is_told_when_it_changes() -> None:
    app = Celery("code", set_as_current=False)
    app.conf.beat_schedule = {"Tidy": {"task": "cleanup.run", "schedule": 60}}
    store_code_schedules(app)
    [added] = LogEntry.objects.all()
    assert (added.action, added.additional_data["by"]) == (LogEntry.Action.CREATE, "beat")
    store_code_schedules(app)
    app.conf.beat_schedule = {"Tidy": {"task": "cleanup.run", "schedule": 120}}
    store_code_schedules(app)
    app.conf.beat_schedule = {}
    store_code_schedules(app)
    [changed, disabled] = told()
    assert changed[2]["rule"] == ["every 1 minutes", "every 2 minutes"]
    assert disabled[1] == "disable"
    assert disabled[2]["enabled"] == ["yes", "no"]
