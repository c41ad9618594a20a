"""Policies of cleanup: rows that operators change in the admin, and what was deleted by them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from jobs.cleanup.applying import apply_all
from jobs.cleanup.models import CleanupPolicy, Deletion
from jobs.cleanup.policies import Assignment, assignments
from jobs.cleanup.registry import find_rule, retention_rules
from jobs.cleanup.report_definitions import build
from jobs.cleanup.tasks import run
from jobs.reports.content import Figures, Table
from jobs.reports.periods import Period
from jobs.runs.models import Run, RunLog
from jobs.runs.retention import old_logs
from jobs.runs.states import State
from tests.integration.test_cleanup import finished_run

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def policy(rule: str, **changes: Any) -> CleanupPolicy:
    """Return the policy of a rule, changed past the form."""
    CleanupPolicy.objects.bring_up_to_date(retention_rules())
    CleanupPolicy.objects.filter(rule=rule).update(**changes)
    return CleanupPolicy.objects.get(rule=rule)


def assignment(rule: str) -> Assignment:
    """Return how the rule is applied now."""
    return next(each for each in assignments() if each.name == rule)


def test_every_rule_gets_a_policy_that_changes_nothing() -> None:
    before = assignments()
    for _ in range(2):
        CleanupPolicy.objects.bring_up_to_date(retention_rules())
    assert CleanupPolicy.objects.count() == len(before)
    assert assignments() == before
    assert assignment("run history").kept.days == 90


def test_a_policy_says_how_long_how_many_how_fast_and_whether() -> None:
    policy("run history", days_kept=30, kept_at_least=3, batch_size=7, budget_seconds=9)
    changed = assignment("run history")
    assert (changed.kept.days, changed.kept.at_least) == (30, 3)
    assert (changed.batch_size, changed.budget_seconds) == (7, 9)
    assert "older than 30 days" in changed.sentence
    policy("run history", enabled=False)
    assert assignment("run history").is_enabled is False


def test_a_policy_written_past_the_form_does_not_undercut_what_the_rule_needs() -> None:
    policy("keys of side effects", days_kept=1, batch_size=0)
    assert assignment("keys of side effects").kept.days == 180
    assert assignment("keys of side effects").batch_size == 1, "a rule with 0 would never end"


def test_a_run_is_kept_as_the_policy_says_and_what_is_switched_off_stays() -> None:
    finished_run(timezone.now() - 40 * DAY)
    policy("run history", days_kept=30, enabled=False)
    run.apply()
    assert Run.objects.filter(task="sales.export").exists()
    policy("run history", enabled=True)
    run.apply()
    assert not Run.objects.filter(task="sales.export").exists()


def test_the_trail_is_kept_for_ever_until_a_policy_says_otherwise() -> None:
    entry = LogEntry.objects.create(
        content_type=ContentType.objects.first(), object_repr="Hourly", action=1, object_pk="1"
    )
    LogEntry.objects.filter(pk=entry.pk).update(timestamp=NOW - 5000 * DAY)
    [kept] = apply_all([assignment("trail of changes")], NOW, dry_run=False)
    assert (kept.count, kept.sentence) == (0, "keeps everything for ever")
    policy("trail of changes", days_kept=365)
    [gone] = apply_all([assignment("trail of changes")], NOW, dry_run=False)
    assert gone.count == 1


def logged(days_ago: float | None) -> RunLog:
    """Return the log of a run that ended so long ago, or that has not ended."""
    at = None if days_ago is None else NOW - days_ago * DAY
    run = Run.objects.create(
        id=uuid4(),
        task="sales.export",
        state=State.RUNNING if at is None else State.SUCCEEDED,
        due_at=NOW,
        publish_at=NOW,
        finished_at=at,
    )
    return RunLog.objects.create(run=run, attempt=1, text="reading")


def test_logs_go_by_a_policy_of_their_own_and_their_runs_stay() -> None:
    under_way, old, older, young = logged(None), logged(31), logged(40), logged(29)
    rule = find_rule("run logs")
    assert rule is not None
    assert sum(batch.count for batch in old_logs(NOW, 10, False)) == 0
    kept = policy("run logs", days_kept=30).kept_by(rule)
    assert sum(batch.count for batch in old_logs(NOW, 2, True, kept)) == 2
    assert sum(batch.count for batch in old_logs(NOW, 2, False, kept)) == 2
    assert set(RunLog.objects.all()) == {under_way, young}
    assert Run.objects.filter(logs=None, id__in=[old.run_id, older.run_id]).count() == 2


PAGE = "/admin/cleanup/cleanuppolicy/"
AS_IT_IS = {"enabled": "on", "days_kept": "", "batch_size": "1000", "budget_seconds": "300"}


def test_the_admin_lists_every_rule_and_adds_and_deletes_none(admin_client: Client) -> None:
    page = admin_client.get(PAGE).content.decode()
    assert "Expired sessions" in page
    assert "Deletes feedback messages older than 730 days" in page
    one = CleanupPolicy.objects.get(rule="expired sessions")
    assert admin_client.get(f"{PAGE}add/").status_code == 403
    assert admin_client.post(f"{PAGE}{one.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_page_of_a_policy_shows_what_would_be_deleted_with_examples(
    admin_client: Client,
) -> None:
    finished_run(timezone.now() - 1000 * DAY)
    one = policy("run history")
    page = admin_client.get(f"{PAGE}{one.pk}/change/").content.decode()
    assert "1, such as" in page
    assert "sales.export at" in page
    assert "Empty: 90 days, as the rule says by itself." in page
    assert Run.objects.filter(task="sales.export").exists()


@pytest.mark.parametrize(
    ("rule", "changes", "words"),
    [
        ("run history", {"batch_size": "0"}, "A batch needs 1 row at least."),
        ("run history", {"batch_size": "10001"}, "would lock others out"),
        ("run history", {"budget_seconds": "3601"}, "Give it 3,600 seconds at most"),
        ("run history", {"days_kept": "0"}, "today&#x27;s runs are what people look for"),
        ("run history", {"days_kept": "36501"}, "Give 36,500 days at most"),
        ("keys of side effects", {"days_kept": "1"}, "must not repeat what it did"),
    ],
)
def test_a_policy_that_would_do_harm_is_refused_with_a_sentence(
    admin_client: Client, rule: str, changes: dict[str, str], words: str
) -> None:
    one = policy(rule)
    page = admin_client.post(f"{PAGE}{one.pk}/change/", AS_IT_IS | changes)
    assert words in page.content.decode()
    assert CleanupPolicy.objects.get(pk=one.pk).days_kept is None


def test_an_admin_changes_a_policy(admin_client: Client) -> None:
    one = policy("run history")
    changes = {"days_kept": "14", "kept_at_least": "5"}
    assert admin_client.post(f"{PAGE}{one.pk}/change/", AS_IT_IS | changes).status_code == 302
    one.refresh_from_db()
    assert (one.days_kept, one.kept_at_least) == (14, 5)


def test_what_was_deleted_is_written_down_and_shown_and_reported(admin_client: Client) -> None:
    finished_run(timezone.now() - 1000 * DAY)
    done = run.apply()
    record = Deletion.objects.get()
    assert (record.rule, record.count, str(record.run_id)) == ("run history", 1, done.id)
    run.apply(kwargs={"dry_run": True})
    assert Deletion.objects.count() == 1, "a dry run deletes nothing"
    assert "Deleted in the last 30 days" in admin_client.get("/cleanup/").content.decode()


def test_the_report_tells_the_rows_deleted_per_rule_and_day_and_what_was_not_finished() -> None:
    for days_ago, rule, count, error in (
        (1, "run history", 1200, ""),
        (1, "run history", 300, ""),
        (2, "expired sessions", 7, ""),
        (2, "sign-in records", 0, "RuntimeError: the disk is full"),
        (31, "run history", 5000, ""),
    ):
        Deletion.objects.create(rule=rule, at=NOW - days_ago * DAY, count=count, error=error)
    Deletion.objects.filter(count=300).update(left=40)
    content = build(Period(NOW - 30 * DAY, NOW))
    assert content.summary == "1,507 rows were deleted. Rules broke once."
    figures = content.blocks[0]
    assert isinstance(figures, Figures)
    assert [figure.value for figure in figures.items] == [1507, 2, 1]
    per_day, unfinished = (block for block in content.blocks if isinstance(block, Table))
    day = (NOW - DAY).date()
    assert list(per_day.rows) == [
        (day, "run history", 1500),
        (day - DAY, "expired sessions", 7),
    ]
    assert [row[1:] for row in unfinished.rows] == [
        ("sign-in records", 0, "RuntimeError: the disk is full"),
        ("run history", 40, "Its time was over."),
    ]


def test_a_report_of_nothing_says_so() -> None:
    assert build(Period(NOW - DAY, NOW)).summary == "Nothing was deleted."
