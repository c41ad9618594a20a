"""The history of runs, and the page of one run."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.runs import pages
from jobs.runs.filters import Filters
from jobs.runs.ids import new_run_id
from jobs.runs.models import Attempt, Run, RunLog
from jobs.runs.models.attempt import Outcome
from jobs.runs.pages import newest, page_of_runs
from jobs.runs.run_page import ATTEMPTS_SHOWN, CHILDREN_SHOWN, attempts_of, steps_of
from jobs.runs.states import ENDS, Kind, State

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def made(state: State = State.SUCCEEDED, **facts: Any) -> Run:
    """Return a run in `state`, due NOW unless `due_at` says otherwise."""
    due_at = facts.pop("due_at", NOW)
    values = {"id": new_run_id(due_at), "task": "reports.make", "publish_at": due_at}
    if state in ENDS:
        values["finished_at"] = due_at
    return Run.objects.create(**values | {"due_at": due_at, "state": state} | facts)


@pytest.fixture
def weather() -> PeriodicTask:
    """Return a schedule."""
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    return PeriodicTask.objects.create(name="Weather", task="reports.make", interval=every)


def shown(client: Client, **query: str) -> list[Run]:
    """Return the runs on the page that this query asks for."""
    answer = client.get("/runs/", query)
    assert answer.status_code == 200
    runs: list[Run] = answer.context["page"].runs
    return runs


@pytest.mark.parametrize(
    ("query", "facts"),
    [
        ({"state": "failed"}, {"state": State.FAILED}),
        ({"kind": "manual"}, {"kind": Kind.MANUAL}),
        ({"task": "feeds.fetch"}, {"task": "feeds.fetch"}),
        ({"worker": "celery@one"}, {"worker": "celery@one"}),
        ({"schedule": "gone"}, {"schedule_name": "gone"}),
        ({"since": "2026-03-01T09:00"}, {"due_at": NOW + timedelta(hours=1)}),
        ({"until": "2026-03-01T08:00"}, {"due_at": NOW - timedelta(minutes=1)}),
    ],
)
def test_each_filter_shows_what_it_says_and_nothing_else(
    viewer_client: Client, query: dict[str, str], facts: dict[str, Any]
) -> None:
    wanted = made(**facts)
    made()
    assert shown(viewer_client, **query) == [wanted]


def test_a_renamed_schedule_shows_the_runs_of_both_its_names(
    viewer_client: Client, weather: PeriodicTask
) -> None:
    old = made(schedule=weather, schedule_name="Rain", due_at=NOW - timedelta(hours=1))
    new = made(schedule=weather, schedule_name="Weather")
    made(schedule_name="Weather of a deleted schedule")
    assert shown(viewer_client, schedule="Weather") == [new, old]


def test_filters_narrow_each_other(viewer_client: Client, weather: PeriodicTask) -> None:
    facts = {"schedule": weather, "kind": Kind.SCHEDULED, "worker": "celery@one"}
    wanted = made(State.FAILED, **facts)
    made(State.FAILED, schedule=weather, due_at=NOW - timedelta(hours=1))
    made(State.SUCCEEDED, **facts | {"kind": Kind.MANUAL})
    query = {"schedule": "Weather", "state": "failed", "kind": "scheduled", "worker": "celery@one"}
    span = {"since": "2026-03-01T08:00", "until": "2026-03-01T08:01"}
    assert shown(viewer_client, **query, **span) == [wanted]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "Enter a valid date/time."),
        ("since=2026-03-02T00:00&until=2026-03-01T00:00", "The span ends before it begins"),
        ("since=0001-01-01T00:00", "Write a year from 1970 to 9998."),
        ("task=%00", "Null characters are not allowed."),
    ],
)
def test_a_filter_that_makes_no_sense_says_so(
    viewer_client: Client, query: str, sentence: str
) -> None:
    answer = viewer_client.get(f"/runs/?{query}")
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_a_position_beyond_all_calendars_is_a_bad_request(viewer_client: Client) -> None:
    position = f"0001-01-01T00:00:00+23:00_{uuid4()}"
    assert viewer_client.get("/runs/", {"older_than": position}).status_code == 400


def test_the_next_page_keeps_what_was_asked_for(viewer_client: Client) -> None:
    for minute in range(51):
        made(State.FAILED, due_at=NOW - timedelta(minutes=minute), task="a&b")
    html = viewer_client.get("/runs/", {"state": "failed", "task": "a&b"}).content.decode()
    assert 'href="?state=failed&amp;task=a%26b&amp;older_than=2026-03-01' in html
    assert 'href="?state=succeeded&amp;task=a%26b"' in html


def test_what_no_index_finds_is_looked_for_step_by_step_and_each_run_comes_once() -> None:
    wanted = []
    for number in range(40):
        # Ten runs are due at each instant, so that the bound falls between equals.
        task = "rare" if number % 9 == 0 else "frequent"
        # The walk is in the order of the numbers: no seven of it hold three that are wanted.
        due_at = NOW - timedelta(minutes=number // 10)
        run = made(task=task, id=UUID(int=99 - number), due_at=due_at)
        wanted += [run] if task == "rare" else []
    seen: list[Run] = []
    position, pages = "", 0
    while (position or not pages) and pages < len(wanted) * 9:
        page = page_of_runs(Run.objects.all(), position, Q(task="rare"), size=2, looked_at=7)
        seen, position, pages = seen + page.runs, page.older_than, pages + 1
    assert seen == sorted(wanted, key=lambda run: (run.due_at, run.id), reverse=True)
    assert pages == 40 // 7 + 1, "each page looks at seven runs and no more"


def test_a_page_that_looked_through_a_part_says_how_far(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", 3)
    for minute in range(5):
        made(due_at=NOW - timedelta(minutes=minute))
    html = viewer_client.get("/runs/", {"task": "rare"}).content.decode()
    assert "back to 2026-03-01 07:58:00: no run in it is what you look for" in html
    assert "Look further back" in html


def test_the_newest_are_those_that_a_walk_finds_first() -> None:
    runs = [made(due_at=NOW - timedelta(minutes=minute)) for minute in range(5)]
    assert set(newest(Run.objects.all(), Run.objects.all(), 3)) == set(runs[:3])
    assert newest(Run.objects.all(), Run.objects.all(), 9).count() == 5


def test_a_schedule_is_walked_by_its_index_and_a_state_is_looked_for_in_it(
    weather: PeriodicTask,
) -> None:
    filters = Filters(state="failed", schedule="Weather")
    assert filters.rest() == Q(state="failed")
    assert not Filters(state="failed").rest()
    assert not Filters(since=NOW, until=NOW).rest()


OF_THOSE_UNDER_WAY = {
    State.PENDING: "run_to_publish",
    State.QUEUED: "run_in_broker",
    State.RUNNING: "run_at_worker",
}


def test_a_state_is_looked_up_in_an_index_that_holds_little_else() -> None:
    make_history(of_each_end=200, of_each_under_way=5)
    if connection.vendor == "postgresql":
        # It plans by what it knows of the table.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE runs_run")
    for state in State:
        runs = Filters(state=state).walk().order_by("-due_at", "-id")
        for page in (runs, runs.filter(due_at__lte=NOW + timedelta(days=1))):
            plan = page[:50].explain()
            assert OF_THOSE_UNDER_WAY.get(state, "run_ended_by_state") in plan, state
            assert "run_history" not in plan, state


def make_history(*, of_each_end: int, of_each_under_way: int) -> None:
    """Write so many runs of each state, a minute apart; those of one state are not neighbours."""
    states = [end for end in ENDS for _ in range(of_each_end)]
    states += [state for state in OF_THOSE_UNDER_WAY for _ in range(of_each_under_way)]
    Random(0).shuffle(states)
    due = [(state, NOW + timedelta(minutes=minute)) for minute, state in enumerate(states)]
    Run.objects.bulk_create(
        Run(
            id=new_run_id(due_at),
            task="reports.make",
            due_at=due_at,
            publish_at=due_at,
            state=state,
            finished_at=due_at if state in ENDS else None,
        )
        for state, due_at in due
    )


def test_the_page_of_a_run_tells_its_life_with_what_it_waited_for(viewer_client: Client) -> None:
    run = made(
        queued_at=NOW + timedelta(seconds=2),
        started_at=NOW + timedelta(seconds=5),
        finished_at=NOW + timedelta(seconds=65),
    )
    waits = [(step.name, step.waited, step.waited_for) for step in steps_of(run)]
    assert waits == [
        ("Due", None, ""),
        ("Sent", timedelta(seconds=2), "beat"),
        ("Started", timedelta(seconds=3), "a worker"),
        ("Finished", None, ""),
    ]
    html = viewer_client.get(run.get_absolute_url()).content.decode()
    assert "waited 2.00 s for beat" in html
    assert "1 min 0 s" in html


def test_the_page_of_a_skipped_run_leads_to_the_one_in_its_way_and_has_no_attempt(
    viewer_client: Client,
) -> None:
    other = made(State.RUNNING, started_at=NOW)
    text = f'Skipped, because the run {other.id} of this schedule was "still" running.'
    skipped = made(State.SKIPPED, reason="overlap", reason_text=text)
    html = viewer_client.get(skipped.get_absolute_url()).content.decode()
    link = f'<a href="{other.get_absolute_url()}" title="{other.id}">the run</a>'
    assert f"Skipped, because {link} of this schedule was &quot;still&quot; running." in html
    assert "It was never started" in html
    assert "Attempt and log" not in html
    assert [step.name for step in steps_of(skipped)] == ["Due", "Ended"]


def test_a_start_that_overtook_the_commit_of_queued_is_no_negative_wait() -> None:
    run = made(queued_at=NOW + timedelta(seconds=2), started_at=NOW + timedelta(seconds=1))
    assert steps_of(run)[2].waited is None


def test_the_page_shows_every_attempt_with_its_error_and_log(viewer_client: Client) -> None:
    run = made(State.FAILED, attempt=2, error="the second", traceback="Traceback 2")
    first = {"run": run, "number": 1, "ended_at": NOW, "started_at": NOW, "error": "the first"}
    Attempt.objects.create(outcome=Outcome.LOST, **first)
    RunLog.objects.create(run=run, attempt=1, text="<b>reading</b>", dropped_bytes=2048)
    html = viewer_client.get(run.get_absolute_url()).content.decode()
    assert [shown.error for shown in attempts_of(run)] == ["the second", "the first"]
    assert "Lost with its worker" in html
    assert "&lt;b&gt;reading&lt;/b&gt;" in html
    assert "2.0\xa0KB at the beginning were dropped" in html


def test_many_attempts_are_shown_in_part() -> None:
    run = made(State.FAILED, attempt=50)
    Attempt.objects.bulk_create(
        Attempt(run=run, number=number, outcome=Outcome.FAILED, ended_at=NOW)
        for number in range(1, 50)
    )
    assert [attempt.number for attempt in attempts_of(run)] == list(
        range(50, 50 - ATTEMPTS_SHOWN, -1)
    )


def test_an_attempt_that_waits_does_not_show_the_error_of_the_one_before() -> None:
    run = made(State.PENDING, attempt=2, started_at=NOW, error="the first", worker="celery@one")
    current = attempts_of(run)[0]
    assert (current.error, current.started_at, current.worker) == ("", None, "")


def test_a_run_under_way_is_refreshed_with_its_progress_and_an_ended_one_is_not(
    viewer_client: Client,
) -> None:
    progress = {"done": 4000, "total": 12500, "text": "rows"}
    running = made(State.RUNNING, started_at=NOW, progress=progress)
    html = viewer_client.get(running.get_absolute_url()).content.decode()
    assert 'max="12500" value="4000"' in html
    assert "4,000 of 12,500" in html
    assert 'hx-trigger="every 3s"' in html
    Run.objects.filter(id=running.id).update(state=State.SUCCEEDED)
    html = viewer_client.get(running.get_absolute_url()).content.decode()
    assert "<progress" not in html
    assert "hx-trigger" not in html


def test_the_page_links_what_the_task_made_and_no_script(viewer_client: Client) -> None:
    links = [{"title": "Version 7", "url": "/reports/1/"}, {"title": "x", "url": "javascript:x()"}]
    html = viewer_client.get(made(result={"links": links}).get_absolute_url()).content.decode()
    assert '<a href="/reports/1/" rel="noopener noreferrer">Version 7</a>' in html
    assert 'href="javascript' not in html


def test_the_page_shows_parent_and_children_and_how_many_there_are(viewer_client: Client) -> None:
    parent = made(task="digests.send")
    children = [made(task="mails.send", parent=parent) for _ in range(CHILDREN_SHOWN + 1)]
    page = viewer_client.get(parent.get_absolute_url())
    assert len(page.context["children"]) == CHILDREN_SHOWN
    assert "There are more." in page.content.decode()
    assert "digests.send" in viewer_client.get(children[0].get_absolute_url()).content.decode()
    Run.objects.filter(id=parent.id).delete()
    html = viewer_client.get(children[0].get_absolute_url()).content.decode()
    assert "which is not kept any more" in html


def test_what_there_is_none_of_is_said(viewer_client: Client) -> None:
    html = viewer_client.get(made(State.PENDING).get_absolute_url()).content.decode()
    assert "not started" in html
    assert "There is none yet." in html
    assert '<p class="muted">None.</p>' in html


def test_only_who_may_act_sees_how(viewer_client: Client, admin_client: Client) -> None:
    ended, waiting = made(), made(State.PENDING)
    for run, action in ((ended, "retry"), (waiting, "cancel")):
        address = run.get_absolute_url()
        assert f"{address}{action}/" in admin_client.get(address).content.decode()
        assert f"{address}{action}/" not in viewer_client.get(address).content.decode()
