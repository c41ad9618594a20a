"""Starting runs again and ending them by hand: page, admin and command do the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.publish.publishing import publish
from jobs.runs import by_hand
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, Kind, Overlap, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.conftest import PASSWORD, People
from tests.integration.outgoing_runs import BEAT

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)

pytestmark = pytest.mark.django_db


def made(state: State, **facts: Any) -> Run:
    """Return a run in `state` that was due NOW."""
    values = {"id": uuid4(), "task": "reports.make", "due_at": NOW, "publish_at": NOW}
    return Run.objects.create(**values | {"state": state} | facts)


@pytest.fixture
def operator_client(people: People) -> Client:
    """Return a client of staff that may view runs, start them again and end them."""
    operator = User.objects.create_user("operator", password=PASSWORD, is_staff=True)
    names = ("view_run", "retry_run", "cancel_run")
    operator.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(operator)
    return client


def test_a_retry_is_a_new_run_of_the_same_work_and_instant(people: People) -> None:
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(name="Weather", task="reports.make", interval=every)
    facts: dict[str, Any] = {
        "schedule": schedule,
        "schedule_name": "Weather",
        "kind": Kind.SCHEDULED,
        "kwargs": {"report": "weather-week"},
        "queue": "heavy",
        "priority": 3,
        "overlap": Overlap.SKIP,
        "max_attempts": 4,
        "retry_on": ["OSError"],
    }
    old = made(State.FAILED, attempt=4, failures=4, expires_at=NOW, error="OSError", **facts)
    answer = by_hand.retry(old.id, people.admin, LATER)
    assert answer.run
    new = Run.objects.get(id=answer.run.id)
    same = {name: getattr(new, name) for name in facts if name != "kind"}
    assert same == {name: value for name, value in facts.items() if name != "kind"}
    assert (new.kind, new.state, new.attempt, new.failures) == (Kind.RETRY, State.PENDING, 1, 0)
    assert (new.due_at, new.publish_at, new.expires_at) == (NOW, LATER, None)
    assert (new.parent_id, new.asked_by, new.error) == (old.id, people.admin, "")
    old.refresh_from_db()
    assert (old.state, old.error) == (State.FAILED, "OSError")


def test_beat_publishes_a_retry_like_any_other_run(broker: RedisServer, people: People) -> None:
    answer = by_hand.retry(made(State.FAILED, queue="default").id, people.admin, NOW)
    assert answer.run
    assert publish(app, NOW, 10, BEAT) == 1
    assert Run.objects.get(id=answer.run.id).state == State.QUEUED


@pytest.mark.parametrize("state", UNDER_WAY)
def test_what_has_not_ended_is_not_started_again(state: State) -> None:
    answer = by_hand.retry(made(state).id, None, NOW)
    assert (answer.is_done, answer.run) == (False, None)
    assert f"It is still {state}." in answer.sentence
    assert Run.objects.count() == 1


def test_what_is_not_whole_is_not_started_again() -> None:
    answer = by_hand.retry(made(State.LOST, is_whole=False).id, None, NOW)
    assert "could not be kept whole" in answer.sentence
    assert Run.objects.count() == 1


def test_a_run_is_started_again_once_at_a_time() -> None:
    old = made(State.FAILED)
    first, second = by_hand.retry(old.id, None, NOW), by_hand.retry(old.id, None, NOW)
    assert first.run
    assert (first.is_done, second.is_done) == (True, False)
    assert str(first.run.id) in second.sentence
    Run.objects.filter(id=first.run.id).update(state=State.FAILED)
    assert by_hand.retry(old.id, None, NOW).is_done


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_start_a_run_again_at_once_one_does() -> None:
    for _ in range(10):
        old = made(State.FAILED)

        def retry(_: int, old: Run = old) -> bool:
            try:
                return by_hand.retry(old.id, None, NOW).is_done
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(retry, range(2))) == [False, True]


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_asked(people: People) -> None:
    waiting, running = made(State.PENDING), made(State.RUNNING)
    assert by_hand.cancel(waiting.id, people.admin, "not today", NOW).is_done
    asked = by_hand.cancel(running.id, people.admin, "", NOW)
    assert "was asked to end" in asked.sentence
    again = by_hand.cancel(running.id, people.admin, "", NOW)
    assert (again.is_done, "by force" in again.sentence) == (False, True)
    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.state, running.state) == (State.CANCELLED, State.RUNNING)
    assert "admin" in waiting.reason_text
    assert "not today" in waiting.reason_text


@pytest.mark.usefixtures("broker")
def test_a_run_that_does_not_listen_is_ended_by_force(people: People) -> None:
    running = made(State.RUNNING, worker="celery@nowhere")
    assert by_hand.end_by_force(running.id, people.admin, "", NOW).is_done
    assert Run.objects.get(id=running.id).state == State.CANCELLED
    late = by_hand.end_by_force(running.id, people.admin, "", NOW)
    assert late.sentence == "It is over: it has ended as cancelled."


def test_the_page_asks_first_and_then_starts_the_run_again(
    operator_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    old = made(State.FAILED, missed_count=3)
    address = f"/runs/{old.id}/retry/"
    question = operator_client.get(address).content.decode()
    assert "Start this run again?" in question
    assert "stands for 3 occurrences" in question
    assert Run.objects.count() == 1, "asking does nothing"
    answer = operator_client.post(address, follow=True)
    new = Run.objects.get(parent=old)
    assert answer.redirect_chain == [(f"/runs/{new.id}/", 302)]
    assert "It is started again as a new run." in answer.content.decode()
    assert new.asked_by is not None
    assert new.asked_by.username == "operator"
    told = [record for record in caplog.records if "started again by hand" in str(record.msg)]
    assert "operator" in str(told[0].msg)


def test_the_page_says_why_a_run_cannot_be_started_again(operator_client: Client) -> None:
    old = made(State.LOST, is_whole=False)
    for address in (f"/runs/{old.id}/", f"/runs/{old.id}/retry/"):
        assert "could not be kept whole" in operator_client.get(address).content.decode()


@pytest.mark.usefixtures("broker")
def test_the_page_cancels_first_by_asking_and_then_by_force(operator_client: Client) -> None:
    running = made(State.RUNNING, worker="celery@nowhere")
    address = f"/runs/{running.id}/cancel/"
    assert "Cancel this run?" in operator_client.get(address).content.decode()
    operator_client.post(address, {"reason": "too slow"})
    running.refresh_from_db()
    assert (running.state, running.cancel_requested_at is None) == (State.RUNNING, False)
    assert "End this run by force?" in operator_client.get(address).content.decode()
    operator_client.post(address, {"force": "1"})
    running.refresh_from_db()
    assert running.state == State.CANCELLED


@pytest.mark.parametrize("action", ["retry", "cancel"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_act_is_refused(
    viewer_client: Client, stranger_client: Client, action: str, method: str
) -> None:
    address = f"/runs/{made(State.FAILED if action == 'retry' else State.PENDING).id}/{action}/"
    assert getattr(viewer_client, method)(address).status_code == 403
    assert getattr(stranger_client, method)(address).status_code == 302
    assert Run.objects.get().state != State.CANCELLED


def test_one_permission_does_not_give_the_other(people: People, viewer_client: Client) -> None:
    people.viewer.user_permissions.add(Permission.objects.get(codename="cancel_run"))
    run = made(State.PENDING)
    assert viewer_client.get(f"/runs/{run.id}/retry/").status_code == 403
    assert viewer_client.get(f"/runs/{run.id}/cancel/").status_code == 200


def test_a_request_of_another_site_does_nothing(operator_client: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = operator_client.cookies
    run = made(State.PENDING)
    assert client.post(f"/runs/{run.id}/cancel/").status_code == 403
    assert Run.objects.get().state == State.PENDING


def in_the_admin(client: Client, action: str, runs: list[Run], **more: str) -> str:
    """Return the page that the bulk action answers with."""
    chosen = {"action": action, "_selected_action": [str(run.id) for run in runs]}
    return client.post("/admin/runs/run/", chosen | more, follow=True).content.decode()


def test_the_admin_asks_once_and_says_for_how_many_it_was_done(operator_client: Client) -> None:
    ended, waiting = made(State.FAILED), made(State.PENDING)
    question = in_the_admin(operator_client, "retry_selected", [ended, waiting])
    assert "Start again 2 runs?" in question
    assert Run.objects.count() == 2
    done = in_the_admin(operator_client, "retry_selected", [ended, waiting], is_confirmed="yes")
    assert "Start again: done for 1." in done
    assert "refused for 1. The first: It is still pending." in done
    assert Run.objects.get(parent=ended).kind == Kind.RETRY
    in_the_admin(operator_client, "cancel_selected", [waiting], is_confirmed="yes")
    assert Run.objects.get(id=waiting.id).state == State.CANCELLED


def test_the_admin_offers_no_action_to_who_may_only_view(people: People) -> None:
    people.viewer.is_staff = True
    people.viewer.save()
    people.viewer.user_permissions.add(Permission.objects.get(codename="view_run"))
    client = Client()
    client.force_login(people.viewer)
    run = made(State.PENDING)
    assert "cancel_selected" not in client.get("/admin/runs/run/").content.decode()
    in_the_admin(client, "cancel_selected", [run], is_confirmed="yes")
    assert Run.objects.get().state == State.PENDING


def command(*arguments: str) -> str:
    """Return what the command printed."""
    out = StringIO()
    call_command("runs", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_starts_again_and_cancels_in_a_persons_name(people: People) -> None:
    old = made(State.FAILED)
    said = command("retry", str(old.id), "--by", "admin")
    new = Run.objects.get(parent=old)
    assert str(new.id) in said
    assert new.asked_by == people.admin
    assert "cancelled before it started" in command("cancel", str(new.id), "--reason", "no")
    new.refresh_from_db()
    assert (new.state, new.reason_text.endswith(": no")) == (State.CANCELLED, True)


def test_the_command_says_why_it_did_nothing() -> None:
    with pytest.raises(CommandError, match="There is no run"):
        command("retry", str(uuid4()))
    with pytest.raises(CommandError, match="It is over: it has succeeded"):
        command("cancel", str(made(State.SUCCEEDED).id))
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        command("cancel", str(made(State.PENDING).id), "--by", "nobody")
