"""Cleanup against real tables: the rules, the task, the command and the page."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.cleanup import registry
from jobs.cleanup.registry import Batch, Kept, RetentionRule, batch_of, retention_rules
from jobs.cleanup.retention import expired_sessions, old_sign_in_records
from jobs.cleanup.tasks import CleanupBrokeError, run
from jobs.runs.models import Run
from jobs.runs.states import State

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


def finished_run(finished_at: datetime | None, **changes: Any) -> Run:
    """Return a run that finished at that instant, or that did not finish."""
    at = finished_at or NOW - timedelta(days=1000)
    values = {"id": uuid4(), "task": "sales.export", "due_at": at, "publish_at": at}
    values |= {"state": State.SUCCEEDED if finished_at else State.RUNNING}
    return Run.objects.create(**{**values, "finished_at": finished_at, **changes})


@pytest.fixture
def broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a rule that breaks to those of the installed apps."""

    def breaks(now: datetime, limit: int, dry_run: bool, kept: Kept = Kept()) -> Batch:  # noqa: B008
        raise RuntimeError("the disk is full")

    rules = {rule.name: rule for rule in retention_rules()}
    broken = RetentionRule("broken rule", "breaks", breaks)
    monkeypatch.setattr(registry, "_rules", {**rules, broken.name: broken})


def test_the_rules_of_every_installed_app_are_found() -> None:
    assert {rule.name for rule in retention_rules()} >= {
        "digest deliveries",
        "ended backfills",
        "feedback messages",
        "orphaned files",
        "report deliveries",
        "report versions",
        "run history",
        "run logs",
        "share links",
        "sign-in records",
        "trail of changes",
    }


@pytest.mark.django_db
def test_expired_sessions_go_without_their_keys_in_the_examples() -> None:
    for key, expires_at in (("old-key", NOW - timedelta(seconds=1)), ("new-key", NOW)):
        Session.objects.create(session_key=key, session_data="x", expire_date=expires_at)
    batch = expired_sessions(NOW, 10, False)
    assert batch.examples == ["a session that expired on 2026-11-21"]
    assert [session.session_key for session in Session.objects.all()] == ["new-key"]


@pytest.mark.django_db
def test_old_records_of_sign_ins_go_from_every_table_within_the_limit() -> None:
    for model, count in ((AccessFailureLog, 1), (AccessLog, 2)):
        for _ in range(count):
            model.objects.create(username="ada", user_agent="x", path_info="/")
        model.objects.update(attempt_time=NOW - timedelta(days=91))
    assert old_sign_in_records(NOW, 2, True).count == 2
    assert old_sign_in_records(NOW, 2, False).count == 2
    assert old_sign_in_records(NOW, 2, False) == Batch(1, ["ada on 2026-08-22"])


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_batch_takes_the_first_rows_and_no_more_than_its_limit(dry_run: bool) -> None:
    made = [finished_run(NOW - timedelta(days=days)) for days in (3, 2, 1)]
    batch = batch_of(Run.objects.order_by("finished_at"), 2, dry_run, lambda row: str(row.pk))
    assert batch == Batch(2, [str(row.pk) for row in made[:2]])
    left = made if dry_run else made[2:]
    assert set(Run.objects.all()) == set(left)


@pytest.mark.django_db(transaction=True)
def test_two_cleanups_at_once_count_every_row_once() -> None:
    for number in range(40):
        finished_run(NOW - timedelta(days=number))
    start = Barrier(2)

    def work() -> int:
        try:
            start.wait()
            return sum(
                batch_of(Run.objects.order_by("finished_at"), 5, False).count for _ in range(8)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        counts = [worker.result() for worker in [workers.submit(work) for _ in range(2)]]
    assert sum(counts) == 40
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_the_task_says_what_each_rule_did() -> None:
    finished_run(timezone.now() - timedelta(days=1000))
    result = run.apply().get()
    told = {rule["name"]: rule for rule in result["rules"]}
    assert (told["run history"]["count"], told["run history"]["is_complete"]) == (1, True)
    assert told["feedback messages"]["count"] == 0
    assert Run.objects.get().result == result, "the run of cleanup itself keeps it"


@pytest.mark.django_db
def test_a_dry_run_of_the_task_deletes_nothing() -> None:
    old = finished_run(timezone.now() - timedelta(days=1000))
    result = run.apply(kwargs={"dry_run": True}).get()
    assert result["dry_run"] is True
    assert Run.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db
def test_a_broken_rule_fails_the_run_at_the_end_with_all_in_its_reason(broken_rule: None) -> None:
    finished_run(timezone.now() - timedelta(days=1000))
    failed = run.apply()
    assert isinstance(failed.result, CleanupBrokeError)
    reason = Run.objects.get().reason_text
    assert f"1 of {len(retention_rules())} rules broke. broken rule: deleted 0; " in reason
    assert "it broke: RuntimeError: the disk" in reason
    assert "run history: deleted 1" in reason


def command(*arguments: str) -> str:
    """Return what the command printed."""
    out = StringIO()
    call_command("cleanup", *arguments, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_prints_what_would_go_and_then_what_went() -> None:
    finished_run(timezone.now() - timedelta(days=1000))
    tried = command("--dry-run")
    assert "run history                   1  would go  (first: sales.export at" in tried
    assert Run.objects.count() == 1
    assert "run history                   1  deleted" in command()
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_the_command_ends_with_an_error_when_a_rule_broke(broken_rule: None) -> None:
    finished_run(timezone.now() - timedelta(days=1000))
    with pytest.raises(CommandError, match="These rules broke: broken rule"):
        command()
    assert not Run.objects.exists()


@pytest.mark.parametrize("who", ["stranger_client", "viewer_client"])
def test_the_page_is_for_staff(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    assert (
        client.get("/cleanup/").status_code == {"stranger_client": 302, "viewer_client": 403}[who]
    )


def test_the_page_shows_rules_and_last_runs_and_deletes_nothing(
    admin_client: Client, broken_rule: None
) -> None:
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.DAYS)
    schedule = PeriodicTask.objects.create(name="Nightly", task="cleanup.run", interval=every)
    now = timezone.now()
    rules = [{"name": "run history", "count": 1234, "is_complete": False}]
    finished_run(now, schedule=schedule, result={"dry_run": False, "rules": rules})
    finished_run(now, schedule=schedule, result="too large to keep")
    finished_run(now - timedelta(days=1000))
    page = admin_client.get("/cleanup/").content.decode()
    assert "<strong>1</strong> would go now." in page
    assert "RuntimeError: the disk is full" in page
    assert "Deleted 1,234 of run history and not yet all." in page
    assert Run.objects.count() == 3


def test_the_page_asks_the_ledger_little_however_long_it_is(
    admin_client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(40):
        admin_client.get("/cleanup/")
