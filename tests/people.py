"""The named people of permission tests, each with a role."""

from django.contrib.auth.models import Group, User
from django.test import Client

# Who is asked in every permission test. A stranger signs in and is in no group; who is anonymous
# does not sign in.
ROLES = ("Viewer", "Operator", "Editor", "Admin")
STRANGER = "stranger"
ANONYMOUS = "anonymous"
EVERYBODY = (ANONYMOUS, STRANGER, *(role.lower() for role in ROLES))


def person(name: str, *groups: str, is_staff: bool = True) -> User:
    """Return a new person who is in these groups and may enter the admin."""
    made = User.objects.create_user(name, f"{name}@example.org", is_staff=is_staff)
    made.groups.set(Group.objects.filter(name__in=groups))
    return made


def person_of(who: str) -> User | None:
    """Return a new person of EVERYBODY; None for who is anonymous."""
    if who == ANONYMOUS:
        return None
    groups = [] if who == STRANGER else [who.capitalize()]
    return person(who, *groups, is_staff=who != STRANGER)


def client_of(user: User | None) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
