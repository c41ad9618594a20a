"""Fixtures that every level of tests shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from scheduler_site.development.redis_server import RedisServer
from tests import environment
from tests.servers.smtp import SmtpServer


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings: None
) -> None:
    """Put the SQLite test database into a file: worker processes have to see it too."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder = tmp_path_factory.mktemp("database")
        database.setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")


@pytest.fixture(autouse=True)
def artefacts_folder(settings: Settings, tmp_path: Path) -> Path:
    """Keep the artefacts of a test in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "artefacts"
    return tmp_path / "artefacts"


@pytest.fixture
def broker() -> RedisServer:
    """Return this process's Redis, running and empty; the Celery app publishes to it."""
    [server] = environment.redis_servers
    server.start()
    server.empty()
    return server


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
    """Return a viewer (signs in, no other rights) and an admin."""
    return People(
        viewer=User.objects.create_user("viewer", "viewer@example.org", PASSWORD),
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
