"""The roles are groups that a migration makes; what a site does with them stays."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection

from beat.access.roles import ROLES, give_roles

pytestmark = pytest.mark.django_db


def permissions_of(role: str) -> set[str]:
    """Return what the group has, as `app.codename`."""
    found = Group.objects.get(name=role).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {f"{app}.{codename}" for app, codename in found}


def migrate_again() -> None:
    """Do what the migration does once more."""
    give_roles(apps, SimpleNamespace(connection=connection))


@pytest.mark.parametrize("role", ROLES)
def test_a_fresh_database_has_the_role(role: str) -> None:
    assert permissions_of(role) == ROLES[role]


def test_each_role_may_all_that_the_one_before_may() -> None:
    assert ROLES["Viewer"] < ROLES["Operator"] < ROLES["Editor"] < ROLES["Admin"]


def test_a_viewer_may_only_view() -> None:
    assert all(".view_" in permission for permission in ROLES["Viewer"])


def test_what_a_site_added_stays() -> None:
    extra = Permission.objects.get(codename="view_session")
    Group.objects.get(name="Viewer").permissions.add(extra)
    migrate_again()
    assert permissions_of("Viewer") == ROLES["Viewer"] | {"sessions.view_session"}


def test_a_group_of_the_same_name_gets_what_it_lacks() -> None:
    viewers = Group.objects.get(name="Viewer")
    viewers.permissions.clear()
    migrate_again()
    assert permissions_of("Viewer") == ROLES["Viewer"]
    assert Group.objects.get(name="Viewer").pk == viewers.pk


def test_permissions_are_made_when_django_has_not_made_them_yet() -> None:
    Permission.objects.filter(codename="operate_schedule").delete()
    migrate_again()
    assert "beat.operate_schedule" in permissions_of("Operator")
    assert "beat.operate_schedule" not in permissions_of("Viewer")


def lines() -> list[str]:
    """Return the rows of the table in the documentation: what each role adds to the one before."""
    before: frozenset[str] = frozenset()
    rows = []
    for role, permissions in ROLES.items():
        added = ", ".join(f"`{name}`" for name in sorted(permissions - before))
        rows.append(f"| {role} | {added} |" if not before else f"| {role} | also {added} |")
        before = permissions
    return rows


def test_the_documentation_has_every_role_and_its_permissions() -> None:
    page = (settings.BASE_DIR / "docs" / "roles.md").read_text(encoding="utf-8")
    assert page.endswith("\n".join(["| role | permissions |", "| --- | --- |", *lines(), ""]))
