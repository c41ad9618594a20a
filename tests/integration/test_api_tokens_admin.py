"""Tokens in the admin: shown once, revoked, and no way to become somebody more powerful."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from beat.api.tokens import make_token, token_of
from beat.models import ApiToken
from tests.people import client_of, person

pytestmark = pytest.mark.django_db
TOKENS = "/admin/beat/apitoken/"


def add(client: Client, user: User) -> str:
    """Return the page that follows when a token is asked for."""
    values = {"user": user.pk, "name": "deploy", "expires_at_0": "", "expires_at_1": ""}
    return client.post(f"{TOKENS}add/", values, follow=True).content.decode()


def test_a_token_is_shown_once_and_never_again() -> None:
    admin = person("admin", "Admin")
    client = client_of(admin)
    page = add(client, admin)
    text = page.split('id="token">')[1].split("<")[0]
    assert token_of(text, timezone.now()) is not None
    row = ApiToken.objects.get()
    for path in ("", f"{row.pk}/change/"):
        shown = client.get(f"{TOKENS}{path}").content.decode()
        assert text not in shown
        assert row.begins_with in shown
    assert text not in str(list(LogEntry.objects.values()))


def test_only_a_superuser_makes_a_token_of_a_superuser() -> None:
    admin = person("admin", "Admin")
    root = User.objects.create_superuser("root")
    assert "Select a valid choice" in add(client_of(admin), root)
    assert not ApiToken.objects.exists()
    assert 'id="token"' in add(client_of(root), root)


def test_a_revoked_token_does_not_count_any_more() -> None:
    admin = person("admin", "Admin")
    row, text = make_token(admin, "deploy")
    values = {"action": "revoke", "_selected_action": row.pk}
    client_of(admin).post(TOKENS, values)
    assert token_of(text, timezone.now()) is None
    entry = LogEntry.objects.latest("id")
    assert (entry.additional_data["action"], entry.changes["state"]) == (
        "revoke a token", ["counts", "revoked"]
    )  # fmt: skip


@pytest.mark.parametrize("role", ["Viewer", "Operator", "Editor"])
def test_tokens_are_the_admins(role: str) -> None:
    client = client_of(person("somebody", role))
    assert client.get(TOKENS).status_code == 403
    assert client.get(f"{TOKENS}add/").status_code == 403
