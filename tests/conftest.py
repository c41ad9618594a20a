"""Fixtures that every level of tests shares, and which tests belong to one database alone."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery.app import app_or_default
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client, TransactionTestCase
from pytest_django import DjangoDbBlocker, Settings

from scheduler_site.development.redis_server import RedisServer
from tests import environment
from tests.databases import use_own_copy
from tests.emptying import empty_database, remember_what_migrations_wrote
from tests.servers.smtp import SmtpServer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are marked for the other database; EVERY_DATABASE=1 keeps them."""
    if os.environ.get("EVERY_DATABASE"):
        return
    database = os.environ.get("TEST_DATABASE") or "sqlite"
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        mark = item.get_closest_marker("one_database")
        (kept if mark is None or database in mark.args else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
def no_schedules_of_the_code() -> Iterator[None]:
    """Let a beat in this process find the schedules of the test alone."""
    configuration = app_or_default().conf
    before = configuration.beat_schedule
    configuration.beat_schedule = {}
    yield
    configuration.beat_schedule = before


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Use a database of this process's own, and empty it in our own way; both are the faster.

    SQLite's is a file: worker processes have to see it too.
    """
    with django_db_blocker.unblock():
        use_own_copy()
        remember_what_migrations_wrote()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_database())
        yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def artefacts_folder(settings: Settings, tmp_path: Path) -> Path:
    """Keep the artefacts of a test in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "artefacts"
    return tmp_path / "artefacts"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Hash passwords in a moment; the real way takes a quarter of a second for each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def broker() -> RedisServer:
    """Return this process's Redis, running and empty; the Celery app publishes to it."""
    [server] = environment.redis_servers
    server.start()
    server.empty()
    return server


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the broker and try again: kombu would, for seconds per message."""

    def refuse(seconds: float) -> None:
        raise AssertionError(f"{seconds} s of waiting before the broker is tried again")

    monkeypatch.setattr("kombu.utils.functional.sleep", refuse)


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    """Yield a mail server that Django, also a worker's, sends to."""
    with SmtpServer() as server:
        server.use_for(settings)
        yield server


PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class People:
    """The few named people of every permission test."""

    viewer: User
    admin: User


@pytest.fixture
def people(db: None) -> People:
    """Return a viewer (signs in and may see runs, no other rights) and an admin."""
    viewer = User.objects.create_user("viewer", "viewer@example.org", PASSWORD)
    viewer.user_permissions.add(Permission.objects.get(codename="view_run"))
    return People(
        viewer=viewer,
        admin=User.objects.create_superuser("admin", "admin@example.org", PASSWORD),
    )


@pytest.fixture
def viewer_client(people: People) -> Client:
    """Return a client signed in as the viewer."""
    client = Client()
    client.force_login(people.viewer)
    return client


@pytest.fixture
def admin_client(people: People) -> Client:
    """Return a client signed in as the admin."""
    client = Client()
    client.force_login(people.admin)
    return client


@pytest.fixture
def stranger_client(db: None) -> Client:
    """Return a client that is not signed in."""
    return Client()
