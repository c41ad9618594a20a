"""One place decides who may do what to which schedule."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.access.deciding import Act, allowed, may, why_read_only
from beat.models import CodeSchedule, ScheduleDetails, Source
from tests.people import client_of, person

pytestmark = pytest.mark.django_db

TOUCHING = (Act.OPERATE, Act.CHANGE, Act.DELETE)


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that nobody owns."""
    hourly = IntervalSchedule.objects.create(every=1, period="hours")
    return PeriodicTask.objects.create(name="Hourly", task="reports.make", interval=hourly)


def owned_by(schedule: PeriodicTask, name: str) -> Group:
    """Give the schedule to a group."""
    owner = Group.objects.create(name=name)
    ScheduleDetails.objects.create(schedule=schedule, owner=owner)
    return owner


def acts_of(user: User | AnonymousUser, schedule: PeriodicTask) -> set[Act]:
    """Return what the person may do to the schedule; one and many must agree."""
    one = {act for act in Act if may(user, act, schedule)}
    many = {act for act in Act if allowed(user, act, PeriodicTask.objects.all())}
    assert one == many
    return one


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("Viewer", {Act.VIEW}),
        ("Operator", {Act.VIEW, Act.OPERATE}),
        ("Editor", set(Act)),
        ("Admin", set(Act)),
    ],
)
def test_a_role_may(schedule: PeriodicTask, role: str, acts: set[Act]) -> None:
    assert acts_of(person("somebody", role), schedule) == acts


def test_who_is_in_no_group_may_nothing(schedule: PeriodicTask) -> None:
    assert acts_of(person("stranger"), schedule) == set()
    assert acts_of(AnonymousUser(), schedule) == set()


def test_who_has_left_may_nothing(schedule: PeriodicTask) -> None:
    former = person("former", "Editor")
    former.is_active = False
    former.save()
    assert acts_of(former, schedule) == set()
    assert not any(may(former, act) for act in Act)


def test_an_owner_keeps_others_from_touching_and_not_from_seeing(schedule: PeriodicTask) -> None:
    owned_by(schedule, "finance")
    assert acts_of(person("editor", "Editor"), schedule) == {Act.VIEW, Act.ADD}


def test_members_of_the_owner_may_what_their_role_says(schedule: PeriodicTask) -> None:
    owned_by(schedule, "finance")
    assert acts_of(person("editor", "Editor", "finance"), schedule) == set(Act)
    assert acts_of(person("viewer", "Viewer", "finance"), schedule) == {Act.VIEW}
    assert acts_of(person("member", "finance"), schedule) == set()


def test_a_superuser_passes_every_owner(schedule: PeriodicTask) -> None:
    owned_by(schedule, "finance")
    assert acts_of(User.objects.create_superuser("root"), schedule) == set(Act)


def test_details_without_an_owner_narrow_nobody(schedule: PeriodicTask) -> None:
    ScheduleDetails.objects.create(schedule=schedule)
    assert acts_of(person("editor", "Editor"), schedule) == set(Act)


def test_what_the_code_owns_is_run_and_not_changed_even_by_a_superuser(
    schedule: PeriodicTask,
) -> None:
    CodeSchedule.objects.create(schedule=schedule, source=Source.FILE)
    assert acts_of(User.objects.create_superuser("root"), schedule) == set(Act) - {
        Act.CHANGE,
        Act.DELETE,
    }
    assert "a file of schedules" in why_read_only(schedule)


def test_what_has_left_the_code_is_everybodys_again(schedule: PeriodicTask) -> None:
    CodeSchedule.objects.create(schedule=schedule, is_in_code=False)
    assert acts_of(person("editor", "Editor"), schedule) == set(Act)
    assert why_read_only(schedule) == ""


def test_only_the_schedules_that_a_person_may_touch_are_left(schedule: PeriodicTask) -> None:
    owned_by(schedule, "finance")
    free = PeriodicTask.objects.create(name="Free", task="a.b", interval=schedule.interval)
    editor = person("editor", "Editor")
    for act in TOUCHING:
        assert set(allowed(editor, act, PeriodicTask.objects.all())) == {free}
    assert allowed(editor, Act.VIEW, PeriodicTask.objects.all()).count() == 2


def page_of(schedule: PeriodicTask) -> str:
    """Return the address of the schedule's page."""
    return reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])


@pytest.mark.parametrize("owned_by_whom", ["others", "the code"])
def test_the_page_shows_a_schedule_that_is_not_theirs_and_saves_nothing(
    schedule: PeriodicTask, owned_by_whom: str
) -> None:
    if owned_by_whom == "others":
        owned_by(schedule, "finance")
    else:
        CodeSchedule.objects.create(schedule=schedule)
    browser = client_of(person("editor", "Editor"))
    assert browser.get(page_of(schedule)).status_code == 200
    assert browser.post(page_of(schedule), {"name": "Mine"}).status_code == 403


def test_the_bulk_deletion_of_the_admin_is_all_or_nothing(schedule: PeriodicTask) -> None:
    owned_by(schedule, "finance")
    PeriodicTask.objects.create(name="Free", task="a.b", interval=schedule.interval)
    request: Any = RequestFactory().post("/")
    request.user = person("editor", "Editor")
    schedules = admin.site.get_model_admin(PeriodicTask)
    with pytest.raises(PermissionDenied):
        schedules.delete_queryset(request, PeriodicTask.objects.all())
    assert PeriodicTask.objects.count() == 2
