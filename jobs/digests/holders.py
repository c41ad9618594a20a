"""Who has a permission, for the sections that are not for everybody."""

from django.contrib.auth.models import User
from django.db.models import QuerySet


def holders(permission: str) -> "QuerySet[User]":
    """Return the active people who have the permission ("app.codename"), superusers among them."""
    return User.objects.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")


def keys_of_holders(permission: str) -> frozenset[int]:
    """Return their keys; one query for everybody who gets a digest."""
    return frozenset(holders(permission).values_list("pk", flat=True))
