"""The pages that ask before an action: what they say, that they ask once, and who may use them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.asking.verbs import ALL
from beat.backfills.going_on import go_on
from beat.models import Backfill, Policy, Timer
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.integration.acting import every_minute, trail
from tests.integration.outgoing_runs import make_run
from tests.people import client_of, person_of

pytestmark = pytest.mark.django_db

LIST = "admin:django_celery_beat_periodictask_changelist"
# Which roles may do it, beside the admin.
OPERATORS = {"operator", "editor"}
MAY = {verb.name: OPERATORS for verb in ALL}
MAY |= {name: {"editor"} for name in ("enable", "disable", "duplicate", "delete")}
ANSWERS: dict[str, dict[str, str]] = {
    "pause": {"why": "Holidays"},
    "resume": {"missed": "none"},
    "backfill": {"from_at": "2026-01-01T00:00", "before_at": "2026-01-01T01:00", "at_most": "1",
                 "pace_seconds": "0", "is_counted": "yes"},
    "retry-failed": {"since": "2026-01-01T00:00"},
}  # fmt: skip


def address(verb: str, *schedules: PeriodicTask) -> str:
    """Return the address of a question; without schedules, of its answer."""
    ids = ",".join(str(one.pk) for one in schedules)
    return reverse("admin:beat_act", args=[verb]) + (f"?ids={ids}" if ids else "")


def answer(client: Client, verb: str, *schedules: PeriodicTask, **answers: Any) -> Any:
    """Say yes to a question and return what follows."""
    ids = ",".join(str(one.pk) for one in schedules)
    asked = {"ids": ids, "is_confirmed": "yes", **ANSWERS.get(verb, {}), **answers}
    return client.post(address(verb), asked, follow=True)


@pytest.mark.parametrize("who", ["anonymous", "stranger", "viewer", "operator", "editor", "admin"])
@pytest.mark.parametrize("verb", [verb.name for verb in ALL])
def test_every_action_asks_and_is_done_by_those_alone_who_may(who: str, verb: str) -> None:
    schedule = every_minute()
    client = client_of(person_of(who))
    may = who == "admin" or who in MAY[verb]
    assert (client.get(address(verb, schedule)).status_code == 200) == may
    before = PeriodicTask.objects.count(), Run.objects.count(), Policy.objects.count()
    assert trail(schedule) == []
    answered = client.post(
        address(verb), {"ids": schedule.pk, "is_confirmed": "yes", **ANSWERS.get(verb, {})}
    )
    if who in {"anonymous", "stranger"}:
        assert answered.status_code in {302, 403}
        assert "login" in (answered.headers.get("Location") or "login")
    else:
        assert (answered.status_code == 302) == may
    if not may:
        assert (PeriodicTask.objects.count(), Run.objects.count(), Policy.objects.count()) == before
        assert trail(schedule) == []


def test_looking_at_the_questions_does_nothing(admin_client: Client) -> None:
    schedule = every_minute()
    for verb in ALL:
        assert admin_client.get(address(verb.name, schedule)).status_code == 200
    assert not Run.objects.exists()
    assert not Policy.objects.exists()
    assert trail(schedule) == []


def test_the_page_of_a_schedule_offers_what_makes_sense_as_it_stands(admin_client: Client) -> None:
    schedule = every_minute()
    page = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    html = admin_client.get(page).content.decode()
    assert address("pause", schedule) in html
    assert address("resume", schedule) not in html
    assert address("enable", schedule) not in html
    Policy.objects.create(schedule=schedule, is_paused=True)
    assert address("resume", schedule) in admin_client.get(page).content.decode()


def test_who_may_only_view_is_offered_nothing() -> None:
    schedule = every_minute()
    page = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    html = client_of(person_of("viewer")).get(page).content.decode()
    assert "/act/" not in html


def test_run_now_leads_to_the_page_of_the_run(admin_client: Client) -> None:
    schedule = every_minute()
    answered = answer(admin_client, "run", schedule, why="To see", token=str(uuid4()))
    run = Run.objects.get()
    assert answered.redirect_chain[-1][0] == run.get_absolute_url()
    assert "Runs now: 1 schedule." in answered.content.decode()
    assert trail(schedule) == ["run now by admin: To see"]


def test_a_double_click_runs_once(admin_client: Client) -> None:
    schedule, token = every_minute(), str(uuid4())
    for _ in range(2):
        answer(admin_client, "run", schedule, token=token)
    assert Run.objects.count() == 1


def test_the_question_says_that_a_run_is_under_way_and_what_overlap_makes_of_it(
    admin_client: Client,
) -> None:
    schedule = every_minute()
    make_run(1, schedule=schedule, state=State.RUNNING)
    html = admin_client.get(address("run", schedule)).content.decode()
    assert "the new run will be skipped" in html


def test_a_pause_without_a_reason_is_asked_for_again(admin_client: Client) -> None:
    schedule = every_minute()
    answered = answer(admin_client, "pause", schedule, why="")
    assert "This field is required" in answered.content.decode()
    answered = answer(admin_client, "pause", schedule, why="x", until="2020-01-01T00:00")
    assert "over already" in answered.content.decode()
    assert not Policy.objects.exists()


def test_the_question_before_resuming_says_how_much_was_missed(admin_client: Client) -> None:
    schedule = every_minute()
    answer(admin_client, "pause", schedule)
    Policy.objects.update(paused_at=timezone.now() - timedelta(minutes=5))
    html = admin_client.get(address("resume", schedule)).content.decode()
    assert "5 occurrences were missed in the pause." in html


def test_the_occurrence_that_was_asked_about_is_skipped(admin_client: Client) -> None:
    schedule = every_minute()
    due_at = Timer.objects.get().due_at
    assert due_at
    html = admin_client.get(address("skip-next", schedule)).content.decode()
    assert due_at.isoformat() in html
    answer(admin_client, "skip-next", schedule, due_at=due_at.isoformat(), why="Repairs")
    assert Run.objects.get().due_at == due_at


def test_a_skip_is_undone_from_the_page_of_the_schedule(admin_client: Client) -> None:
    schedule = every_minute()
    page = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    assert address("undo-skip", schedule) not in admin_client.get(page).content.decode()
    answer(admin_client, "skip-next", schedule)
    assert address("undo-skip", schedule) in admin_client.get(page).content.decode()
    html = admin_client.get(address("undo-skip", schedule)).content.decode()
    assert "will run after all" in html
    answer(admin_client, "undo-skip", schedule)
    assert not Run.objects.exists()


def test_a_dry_run_shows_how_many_and_the_answer_makes_as_many(admin_client: Client) -> None:
    schedule = every_minute()
    asked = {"ids": schedule.pk, "is_confirmed": "yes", **ANSWERS["backfill"]}
    del asked["is_counted"]
    html = admin_client.post(address("backfill"), asked).content.decode()
    assert "60 runs" in html
    assert "Run these 60" in html
    assert not Backfill.objects.exists()
    answered = answer(admin_client, "backfill", schedule)
    assert Backfill.objects.get().total == 60
    assert "0 of 60 done" in answered.content.decode()


def test_the_page_of_a_backfill_shows_how_far_it_is_and_ends_it(admin_client: Client) -> None:
    schedule = every_minute()
    answer(admin_client, "backfill", schedule)
    backfill = Backfill.objects.get()
    go_on(timezone.now())
    Run.objects.update(state=State.SUCCEEDED, finished_at=timezone.now())
    html = admin_client.get(backfill.get_absolute_url()).content.decode()
    assert "1 of 60 done" in html
    assert 'hx-trigger="every 2s"' in html
    end = reverse("admin:beat_backfill_cancel", args=[backfill.pk])
    assert admin_client.get(end).status_code == 200
    html = admin_client.post(end, {"why": "Wrong month"}, follow=True).content.decode()
    assert "Cancelled by admin: Wrong month" in html
    assert "every 2s" not in html


def test_bulk_actions_say_how_many_and_ask_once(admin_client: Client) -> None:
    one, two = every_minute("One"), every_minute("Two")
    selected = {"action": "pause", "_selected_action": [one.pk, two.pk]}
    html = admin_client.post(reverse(LIST), selected).content.decode()
    assert "Pause: 2 schedules" in html
    assert "One" in html
    assert not Policy.objects.exists()
    answered = answer(admin_client, "pause", one, two, why="Move to the new host")
    assert "Paused: 2 schedules." in answered.content.decode()
    assert Policy.objects.filter(is_paused=True).count() == 2
    assert trail(two) == ["pause by admin: Move to the new host"]


def test_more_schedules_than_a_form_has_fields_fit_into_one_answer(admin_client: Client) -> None:
    first = every_minute()
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"schedule {n}", task="tests.add", interval=first.interval)
        for n in range(1_100)
    )
    answered = answer(admin_client, "disable", *PeriodicTask.objects.all())
    assert "Disabled: 1,101 schedules." in answered.content.decode()


def test_what_is_refused_is_said_with_its_reason(admin_client: Client) -> None:
    schedule = every_minute(enabled=False)
    Timer.objects.update(due_at=None)
    assert "It is disabled" in answer(admin_client, "skip-next", schedule).content.decode()


@pytest.mark.parametrize("ids", ["x", "1;2"])
def test_an_address_that_names_no_schedules_is_not_found(admin_client: Client, ids: str) -> None:
    assert admin_client.get(f"{address('pause')}?ids={ids}").status_code == 404
    assert admin_client.get(address("nothing")).status_code == 404


def test_no_schedule_at_all_is_refused_in_words(admin_client: Client) -> None:
    assert "No schedule was chosen" in admin_client.get(address("pause")).content.decode()


def test_the_admins_own_page_of_deletion_leads_to_ours(admin_client: Client) -> None:
    schedule = every_minute("Report")
    make_run(1, schedule=schedule, state=State.SUCCEEDED)
    own = reverse("admin:django_celery_beat_periodictask_delete", args=[schedule.pk])
    assert "1 run stays in the history" in admin_client.get(own, follow=True).content.decode()
    answer(admin_client, "delete", schedule)
    assert Run.objects.get().kind == Kind.SCHEDULED
    assert not PeriodicTask.objects.exists()
