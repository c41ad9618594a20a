"""Who manages people cannot become more than they are."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from tests.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    """Return a person with the role Admin."""
    return person("admin", "Admin")


@pytest.fixture
def root() -> User:
    """Return a superuser."""
    return User.objects.create_superuser("root", password="old password")


def page(user: User, name: str = "change") -> str:
    """Return the address of a page about a person."""
    if name == "password":
        return reverse("admin:auth_user_password_change", args=[user.pk])
    return reverse(f"admin:auth_user_{name}", args=[user.pk])


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts for a person."""
    values = {
        "username": user.username,
        "email": user.email,
        "is_active": "on",
        "is_staff": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        "groups": [group.pk for group in user.groups.all()],
    }
    return values | changes


def test_an_admin_gives_a_role(admin: User) -> None:
    newcomer = person("newcomer")
    editors = Group.objects.get(name="Editor")
    answer = client_of(admin).post(page(newcomer), form_of(newcomer, groups=[editors.pk]))
    assert answer.status_code == 302
    assert newcomer.has_perm("django_celery_beat.change_periodictask")


def test_an_admin_makes_nobody_a_superuser(admin: User) -> None:
    permission = Permission.objects.get(codename="delete_session")
    changes = {"is_superuser": "on", "user_permissions": [permission.pk]}
    client_of(admin).post(page(admin), form_of(admin, **changes))
    admin.refresh_from_db()
    assert not admin.is_superuser
    assert not admin.user_permissions.exists()


def test_an_admin_does_not_widen_a_role(admin: User) -> None:
    viewers = Group.objects.get(name="Viewer")
    before = set(viewers.permissions.all())
    permission = Permission.objects.get(codename="delete_session")
    address = reverse("admin:auth_group_change", args=[viewers.pk])
    client_of(admin).post(address, {"name": "Viewer", "permissions": [permission.pk]})
    assert set(viewers.permissions.all()) == before


def test_an_admin_leaves_superusers_alone(admin: User, root: User) -> None:
    browser = client_of(admin)
    assert browser.post(page(root), form_of(root, username="mine")).status_code == 403
    new = {"password1": "correct horse", "password2": "correct horse", "usable_password": "true"}
    assert browser.post(page(root, "password"), new).status_code == 403
    assert browser.post(page(root, "delete"), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    browser.post(reverse("admin:auth_user_changelist"), bulk)
    root.refresh_from_db()
    assert root.username == "root"
    assert root.check_password("old password")


def test_a_superuser_makes_another(root: User) -> None:
    other = person("other")
    client_of(root).post(page(other), form_of(other, is_superuser="on"))
    other.refresh_from_db()
    assert other.is_superuser


def test_the_list_says_who_has_a_role_without_effect(root: User) -> None:
    person("halfway", "Operator", is_staff=False)
    html = client_of(root).get(reverse("admin:auth_user_changelist")).content.decode()
    assert "Operator" in html
    assert "may not enter: tick &#x27;staff status&#x27;" in html
