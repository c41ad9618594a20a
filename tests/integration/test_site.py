"""The shell around the jobs: home, health, navigation, and discovery of job apps."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_health_is_answered_without_a_login(stranger_client: Client) -> None:
    answer = stranger_client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "alerts_looked_at": None}
    assert "no-store" in answer["Cache-Control"]


def test_health_says_when_the_database_does_not_answer(stranger_client: Client) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        answer = stranger_client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


def test_every_folder_of_jobs_with_an_apps_file_is_installed() -> None:
    folders = {path.parent.name for path in settings.BASE_DIR.glob("jobs/*/apps.py")}
    installed = {config.label for config in apps.get_app_configs() if config.name[:5] == "jobs."}
    assert folders == installed


def test_navigation_shows_staff_more(viewer_client: Client, admin_client: Client) -> None:
    assert 'href="/cleanup/"' not in viewer_client.get("/").content.decode()
    assert 'href="/cleanup/"' in admin_client.get("/").content.decode()


def test_the_page_of_the_top_bar_that_is_open_is_marked(viewer_client: Client) -> None:
    html = viewer_client.get("/runs/").content.decode()
    assert '<a href="/runs/" aria-current="page">Runs</a>' in html


def test_our_pages_run_no_inline_script(viewer_client: Client) -> None:
    policy = viewer_client.get("/")["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_caught_mail_exists_only_in_a_development_run(admin_client: Client) -> None:
    assert admin_client.get("/development/mail/").status_code == 404


def test_who_guesses_passwords_is_locked_out(people: object, stranger_client: Client) -> None:
    wrong = {"username": "viewer", "password": "wrong"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = stranger_client.post("/login/", wrong)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()


def test_a_page_that_is_not_there_says_so(viewer_client: Client) -> None:
    answer = viewer_client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
