"""The API: what a token may do is what its person may, and every answer is a sentence or JSON."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from pytest_django import DjangoAssertNumQueries

from beat.api.tokens import make_token, token_of
from beat.models import ApiToken, Backfill, CodeSchedule, Policy, ScheduleDetails, Source
from jobs.runs.models import Run
from tests.integration.acting import every_minute
from tests.integration.due_schedules import many_minutely, minutely
from tests.people import person

pytestmark = pytest.mark.django_db
SCHEDULES = "/api/v1/schedules"
WORDS = {
    "name": "Nightly",
    "task": "tests.add",
    "when": {"crontab": "0 9 * * 1-5", "timezone": "Europe/Berlin"},
    "policy": {"max_attempts": 3},
    "tags": ["finance"],
}


LAST_HOUR = {"from_at": "2026-01-01T08:00Z", "before_at": "2026-01-01T09:00Z"}


class Caller:
    """A program with a token of somebody."""

    def __init__(self, user: User) -> None:
        """Make the token."""
        self.row, token = make_token(user, "test")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client = Client()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        answer = self._client.generic(
            method,
            path,
            json.dumps({} if body is None else body),
            "application/json",
            headers=self._headers,
        )
        return answer.status_code, answer.json()


@pytest.fixture
def caller_of() -> Callable[..., Caller]:
    """Return what makes a caller with the token of somebody in these groups."""
    return lambda *groups: Caller(person("-".join(groups) or "nobody", *groups))


@pytest.fixture
def editor(caller_of: Callable[..., Caller]) -> Caller:
    """Return a caller with an editor's token."""
    return caller_of("Editor")


def test_a_schedule_is_made_changed_and_read_in_the_words_of_a_file(editor: Caller) -> None:
    status, made = editor.ask("POST", SCHEDULES, WORDS)
    assert status == 201
    assert made["words"] == WORDS
    assert made["when"].startswith("At 09:00 from Monday to Friday")
    path = f"{SCHEDULES}/{made['id']}"
    changes = {"when": {"every": "10 minutes"}, "policy": None}
    assert editor.ask("PATCH", path, changes)[1]["words"] == {
        "name": "Nightly", "task": "tests.add", "when": {"every": "10 minutes"}, "tags": ["finance"]
    }  # fmt: skip
    assert editor.ask("GET", path)[1]["is_read_only"] is False
    assert not CodeSchedule.objects.exists()


def test_a_change_takes_away_its_own_rule_and_not_one_that_waits_for_its_schedule(
    editor: Caller,
) -> None:
    made = editor.ask("POST", SCHEDULES, WORDS)[1]
    waiting = CrontabSchedule.objects.create(minute="1")
    editor.ask("PATCH", f"{SCHEDULES}/{made['id']}", {"when": {"every": "10 minutes"}})
    assert list(CrontabSchedule.objects.all()) == [waiting]


def test_what_a_file_may_not_say_the_api_may_not_either(editor: Caller) -> None:
    wrong = WORDS | {"when": {"crontab": "0 0 31 2 *"}, "policy": {"max_attempts": 0}}
    status, refusal = editor.ask("POST", SCHEDULES, wrong)
    assert status == 422
    assert {problem["field"] for problem in refusal["problems"]} == {"when", "policy"}
    status, refusal = editor.ask("POST", SCHEDULES, {"name": "x", "wen": 1})
    assert (status, refusal["problems"][0]["field"]) == (422, "words.wen")
    assert not PeriodicTask.objects.exists()


def test_two_schedules_cannot_have_the_same_name(editor: Caller) -> None:
    editor.ask("POST", SCHEDULES, WORDS)
    status, refusal = editor.ask("POST", SCHEDULES, WORDS)
    assert (status, refusal["problems"]) == (
        422, [{"field": "name", "sentence": "Another schedule has this name."}]
    )  # fmt: skip


def test_a_run_is_asked_for_once_and_can_be_watched(editor: Caller) -> None:
    schedule = minutely()
    order = {"kwargs": {"x": 1}, "token": str(uuid4()), "why": "a test"}
    status, asked = editor.ask("POST", f"{SCHEDULES}/{schedule.pk}/run", order)
    assert status == 202
    editor.ask("POST", f"{SCHEDULES}/{schedule.pk}/run", order)
    run = Run.objects.get()
    assert (str(run.id), run.kind, run.kwargs) == (asked["run"], "manual", {"x": 1})
    assert editor.ask("GET", f"/api/v1/runs/{run.id}")[1]["state"] == "pending"
    assert editor.ask("GET", f"/api/v1/runs/{uuid4()}")[0] == 404


def test_a_pause_needs_a_reason_and_is_ended_by_a_resume(editor: Caller) -> None:
    path = f"{SCHEDULES}/{minutely().pk}"
    status, refusal = editor.ask("POST", f"{path}/pause", {"reason": " "})
    assert (status, refusal["error"][:16]) == (422, "Write the reason")
    assert editor.ask("POST", f"{path}/pause", {"reason": "repairs"})[0] == 200
    assert editor.ask("GET", path)[1]["pause"] == {"reason": "repairs", "until": None}
    assert editor.ask("POST", f"{path}/resume", {})[0] == 200
    assert not Policy.objects.get().is_paused


def test_the_next_occurrence_is_skipped_and_the_skip_undone(editor: Caller) -> None:
    path = f"{SCHEDULES}/{every_minute().pk}"
    due_at = editor.ask("GET", path)[1]["next_due_at"]
    assert editor.ask("POST", f"{path}/skip-next", {"due_at": due_at})[0] == 200
    assert editor.ask("POST", f"{path}/skip-next", {"due_at": due_at})[0] == 422
    assert Run.objects.get().reason == "skipped_by_hand"
    assert "will run" in editor.ask("POST", f"{path}/undo-skip", {})[1]["done"]
    assert not Run.objects.exists()


def test_a_backfill_is_only_counted_until_it_is_asked_for(editor: Caller) -> None:
    path = f"{SCHEDULES}/{every_minute().pk}/backfill"
    status, counted = editor.ask("POST", path, LAST_HOUR)
    assert (status, counted["runs"], counted["first_at"][:16]) == (200, 60, "2026-01-01T08:00")
    assert not Backfill.objects.exists()
    order = {**LAST_HOUR, "dry_run": False, "at_most": 2, "token": str(uuid4())}
    asked = [editor.ask("POST", path, order)[1] for _ in range(2)]
    found = Backfill.objects.get()
    assert asked[0]["backfill"] == found.pk
    assert (found.total, found.at_most) == (60, 2)


def test_a_schedule_is_copied_switched_rehearsed_and_deleted(editor: Caller) -> None:
    path = f"{SCHEDULES}/{every_minute('Old').pk}"
    copy = f"{SCHEDULES}/{editor.ask('POST', f'{path}/duplicate', {})[1]['schedule']}"
    assert editor.ask("GET", copy)[1]["name"] == "Copy of Old"
    assert editor.ask("POST", f"{copy}/enable", {})[0] == 200
    assert editor.ask("GET", copy)[1]["is_enabled"] is True
    assert editor.ask("POST", f"{path}/disable", {})[0] == 200
    assert editor.ask("GET", path)[1]["is_enabled"] is False
    run = editor.ask("POST", f"{copy}/rehearse", {"args": [1, 2]})[1]["run"]
    assert Run.objects.get(pk=run).is_rehearsal
    assert "1 run stays" in editor.ask("DELETE", f"{copy}?why=over")[1]["done"]
    assert editor.ask("GET", copy)[0] == 404


def test_schedules_are_listed_a_page_at_a_time_in_a_bounded_number_of_queries(
    editor: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many_minutely(7)
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        with django_assert_max_num_queries(20):
            _, page = editor.ask("GET", f"{SCHEDULES}?limit=3&after={after}")
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"schedule {n}" for n in range(7)]
    found = editor.ask("GET", f"{SCHEDULES}?search=schedule+4")[1]["items"]
    assert [item["name"] for item in found] == ["schedule 4"]


def test_runs_are_listed_newest_first_a_page_at_a_time(editor: Caller) -> None:
    path = f"{SCHEDULES}/{minutely().pk}"
    for _ in range(5):
        editor.ask("POST", f"{path}/run", {})
    seen, query = [], "?limit=2"
    while query:
        _, page = editor.ask("GET", f"{path}/runs{query}")
        seen += [item["due_at"] for item in page["items"]]
        query = f"?limit=2&before={page['next'].replace('+', '%2B')}" if page["next"] else ""
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert editor.ask("GET", f"{path}/runs?before=junk")[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", "", None, "Viewer"),
        ("GET", "/{id}", None, "Viewer"),
        ("GET", "/{id}/runs", None, "Viewer"),
        ("POST", "/{id}/run", {}, "Operator"),
        ("POST", "/{id}/pause", {"reason": "x"}, "Operator"),
        ("POST", "/{id}/resume", {}, "Operator"),
        ("POST", "/{id}/rehearse", {}, "Operator"),
        ("POST", "/{id}/skip-next", {}, "Operator"),
        ("POST", "/{id}/undo-skip", {}, "Operator"),
        ("POST", "/{id}/backfill", LAST_HOUR, "Operator"),
        ("POST", "/{id}/retry-failed", {"since": "2026-01-01T00:00Z"}, "Operator"),
        ("POST", "/{id}/cancel-runs", {}, "Operator"),
        ("POST", "/{id}/enable", {}, "Editor"),
        ("POST", "/{id}/disable", {}, "Editor"),
        ("POST", "/{id}/duplicate", {}, "Editor"),
        ("DELETE", "/{id}?why=over", None, "Editor"),
        ("POST", "", WORDS, "Editor"),
        ("PATCH", "/{id}", {"enabled": False}, "Editor"),
    ],
)
def test_a_token_may_what_its_person_may_and_no_more(
    caller_of: Callable[..., Caller], method: str, path: str, body: Any, least: str
) -> None:
    address = SCHEDULES + path.format(id=every_minute().pk)
    roles = ["", "Viewer", "Operator", "Editor"]
    for role in roles:
        status, answer = caller_of(*filter(None, [role])).ask(method, address, body)
        is_allowed = roles.index(role) >= roles.index(least)
        assert (status < 300) is is_allowed, (role, status, answer)
        assert is_allowed or (status == 403 and answer["error"].endswith("."))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "?search=%00", None),
        ("GET", "?after=99999999999999999999", None),
        ("GET", "/99999999999999999999", None),
        ("POST", "/{id}/pause", {"reason": "a\0b"}),
        ("POST", "/{id}/pause", {"reason": "x", "until": "2030-01-01T00:00"}),
        ("POST", "/{id}/pause", {"reason": "x", "until": "2020-01-01T00:00Z"}),
        ("POST", "/{id}/run", {"due_at": "0001-01-01T00:00:00Z"}),
        ("POST", "/{id}/run", {"kwargs": {"a": "\0"}}),
        ("POST", "/{id}/run", {"kwargs": [1]}),
        ("PATCH", "/{id}", {"name": "a\0b"}),
        ("PATCH", "/{id}", {"name": "x" * 201}),
        ("PATCH", "/{id}", {"priority": 10**30}),
        ("PATCH", "/{id}", {"starts_at": "0001-01-01T00:00:00+14:00"}),
        ("PATCH", "/{id}", {"tags": [""]}),
        ("PATCH", "/{id}", {"when": {"at": "9999-12-31T23:59:59-14:00"}}),
        ("PATCH", "/{id}", []),
    ],
)
def test_nonsense_is_answered_by_a_sentence(
    editor: Caller, method: str, path: str, body: Any
) -> None:
    status, answer = editor.ask(method, SCHEDULES + path.format(id=minutely().pk), body)
    assert status in {200, 404, 422}
    assert status == 200 or answer["error"].endswith(".")
    assert not Policy.objects.exists()
    assert not Run.objects.exists()


def test_an_owner_keeps_others_away(editor: Caller) -> None:
    schedule = minutely()
    owner = Group.objects.create(name="finance")
    ScheduleDetails.objects.create(schedule=schedule, owner=owner)
    path = f"{SCHEDULES}/{schedule.pk}"
    for status, refusal in (
        editor.ask("PATCH", path, {"enabled": False}),
        editor.ask("POST", f"{path}/run", {}),
    ):
        assert status == 403
        assert "finance" in refusal["error"]


def test_what_a_file_has_is_read_only(editor: Caller) -> None:
    schedule = minutely()
    CodeSchedule.objects.create(schedule=schedule, source=Source.FILE, key="minutely")
    path = f"{SCHEDULES}/{schedule.pk}"
    status, refusal = editor.ask("PATCH", path, {"enabled": False})
    assert (status, "comes from the code" in refusal["error"]) == (403, True)
    assert editor.ask("POST", f"{path}/pause", {"reason": "x"})[0] == 200


def test_who_may_not_use_the_command_runner_cannot_by_the_api(editor: Caller) -> None:
    command = WORDS | {"task": "commands.run", "kwargs": {"command": "true"}}
    status, refusal = editor.ask("POST", SCHEDULES, command)
    assert (status, "commands.use_command_runner" in refusal["error"]) == (403, True)
    schedule = minutely(task="commands.run", kwargs='{"command": "true"}')
    path = f"{SCHEDULES}/{schedule.pk}"
    for status, _ in (
        editor.ask("PATCH", path, {"task": "tests.add", "kwargs": {}}),
        editor.ask("POST", f"{path}/run", {"kwargs": {"command": "false"}}),
        editor.ask("PATCH", f"{SCHEDULES}/{minutely('other').pk}", {"task": "commands.run"}),
    ):
        assert status in {403, 422}
    assert not Run.objects.exists()


def test_what_the_api_does_is_in_the_trail_with_address_and_token(editor: Caller) -> None:
    editor.ask("POST", SCHEDULES, WORDS)
    entry = LogEntry.objects.latest("id")
    assert entry.additional_data["origin"] == "API"
    assert entry.additional_data["by"] == "Editor (token test)"
    assert (entry.remote_addr, entry.actor) == ("127.0.0.1", editor.row.user)


def test_without_a_token_that_counts_nobody_gets_in(editor: Caller) -> None:
    client = Client()
    client.force_login(editor.row.user)
    answer = client.get(SCHEDULES)
    assert (answer.status_code, "Bearer" in answer.json()["error"]) == (401, True)
    for change in (
        {"revoked_at": timezone.now()},
        {"revoked_at": None, "expires_at": timezone.now()},
    ):
        ApiToken.objects.update(**change)
        assert editor.ask("GET", SCHEDULES)[0] == 401
    ApiToken.objects.update(expires_at=None)
    assert editor.ask("GET", SCHEDULES)[0] == 200
    User.objects.filter(pk=editor.row.user_id).update(is_active=False)
    assert editor.ask("GET", SCHEDULES)[0] == 401


def test_a_token_is_kept_as_a_hash_and_its_use_is_noted_once_a_minute() -> None:
    row, text = make_token(person("somebody"), "test")
    assert text not in str(ApiToken.objects.values().get())
    now = timezone.now()
    for seconds, noted in ((0, now), (59, now), (60, now + timedelta(seconds=60))):
        assert token_of(text, now + timedelta(seconds=seconds)) is not None
        row.refresh_from_db()
        assert row.last_used_at == noted


def test_the_openapi_file_is_up_to_date_and_served(client: Client) -> None:
    call_command("openapi", "--check")
    served = client.get("/api/v1/openapi.json").json()
    assert set(served["paths"]) >= {SCHEDULES, "/api/v1/runs/{run_id}"}
