"""The owner of a schedule has a say in its runs, and its trail tells what was done to them."""

from uuid import UUID

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.models import ScheduleDetails
from jobs.runs import by_hand
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.integration.acting import every_minute
from tests.integration.outgoing_runs import make_run
from tests.people import client_of, person

pytestmark = pytest.mark.django_db

BELONGS = "belongs to the group"


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that belongs to the group finance."""
    made: PeriodicTask = every_minute()
    ScheduleDetails.objects.create(schedule=made, owner=Group.objects.create(name="finance"))
    return made


@pytest.fixture
def operator() -> User:
    """Return an operator who is not in that group."""
    return person("operator", "Operator")


def failed(schedule: PeriodicTask | None) -> Run:
    """Return a failed run."""
    return make_run(1, schedule=schedule, state=State.FAILED, finished_at=timezone.now())


def page(name: str, run_id: UUID) -> str:
    """Return the address of a page of a run."""
    return reverse(f"runs:{name}", args=[run_id])


def test_others_neither_start_a_run_again_nor_end_one(
    schedule: PeriodicTask, operator: User
) -> None:
    over, waiting, browser = failed(schedule), make_run(schedule=schedule), client_of(operator)
    for name, run in (("retry", over), ("cancel", waiting)):
        assert BELONGS in browser.get(page(name, run.id)).content.decode()
        assert BELONGS in browser.post(page(name, run.id), follow=True).content.decode()
    assert BELONGS in by_hand.end_by_force(waiting.id, operator, "", timezone.now()).sentence
    waiting.refresh_from_db()
    assert waiting.state == State.PENDING
    assert Run.objects.count() == 2
    assert not LogEntry.objects.exists()


def test_the_page_of_a_run_offers_others_nothing(schedule: PeriodicTask, operator: User) -> None:
    for run in (failed(schedule), make_run(schedule=schedule)):
        html = client_of(operator).get(page("run", run.id)).content.decode()
        assert BELONGS in html
        assert 'id="retry"' not in html
        assert 'id="cancel"' not in html


def test_the_bulk_action_refuses_others_with_the_reason(
    schedule: PeriodicTask, operator: User
) -> None:
    run = failed(schedule)
    values = {"action": "retry_selected", "_selected_action": [run.pk], "is_confirmed": "yes"}
    answer = client_of(operator).post(reverse("admin:runs_run_changelist"), values, follow=True)
    assert BELONGS in answer.content.decode()
    assert Run.objects.count() == 1


def test_members_do_and_the_trail_of_the_schedule_tells_it(schedule: PeriodicTask) -> None:
    browser = client_of(person("member", "Operator", "finance"))
    over, waiting = failed(schedule), make_run(schedule=schedule)
    browser.post(page("retry", over.id))
    browser.post(page("cancel", waiting.id), {"reason": "not today"})
    retried, cancelled = LogEntry.objects.filter(object_id=schedule.pk).order_by("pk")
    assert retried.additional_data["action"] == "retry a run"
    assert retried.additional_data["note"] == f"Run {over.id}."
    assert cancelled.additional_data["action"] == "cancel a run"
    assert cancelled.additional_data["why"] == "not today"
    assert cancelled.additional_data["by"] == "member"
    assert cancelled.additional_data["origin"] == "page"


def test_superusers_the_command_line_and_runs_without_a_schedule_are_not_narrowed(
    schedule: PeriodicTask, operator: User
) -> None:
    now = timezone.now()
    assert by_hand.retry(failed(schedule).id, User.objects.create_superuser("root"), now).is_done
    assert by_hand.retry(failed(None).id, operator, now).is_done
    assert by_hand.cancel(make_run(schedule=schedule).id, None, "", now).is_done
