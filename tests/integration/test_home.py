"""The home page: what needs attention, for who may see it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jobs.runs.states import State
from tests.integration.test_run_pages import made
from tests.people import client_of, person

pytestmark = pytest.mark.django_db


def test_who_has_no_role_sees_no_runs_nor_a_way_to_them() -> None:
    run = made(State.FAILED, due_at=timezone.now(), reason_text="No room left.")
    reader = client_of(person("reader", is_staff=False))
    assert reader.get("/runs/").status_code == 403
    assert reader.get(run.get_absolute_url()).status_code == 403
    home = reader.get("/").content.decode()
    assert "/runs/" not in home
    assert "No room left." not in home
    assert "No room left." in client_of(person("viewer", "Viewer")).get("/").content.decode()


def test_what_fails_often_hides_no_other_failure_on_the_home_page(viewer_client: Client) -> None:
    now = timezone.now()
    for minute in range(9):
        due_at = now - timedelta(minutes=minute)
        made(State.FAILED, due_at=due_at, schedule_name="Often", reason_text=f"try {minute}")
    made(State.FAILED, due_at=now - timedelta(hours=1), schedule_name="Seldom")
    made(State.FAILED, due_at=now - timedelta(days=2), schedule_name="Long ago")
    shown = viewer_client.get("/").context["failures"]
    assert [(run.title, run.reason_text) for run in shown] == [("Often", "try 0"), ("Seldom", "")]
