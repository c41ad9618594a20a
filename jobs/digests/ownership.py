"""Whose schedules are whose, for the sections about them.

`beat` owns the schedules' details, so that they are reached by the names of their relations.
"""

from dataclasses import dataclass

from django.contrib.auth.models import Group, User

from jobs.digests.holders import keys_of_holders
from jobs.digests.registry import Asked

# Who may start runs again looks after the schedules that have no owner.
LOOKS_AFTER = "runs.retry_run"
OWNER = "details__owner"


@dataclass(frozen=True)
class Ownership:
    """The members of each group that owns schedules, and who looks after those of nobody."""

    members: dict[int, frozenset[int]]
    operators: frozenset[int]

    def owners_for(self, person: User) -> list[int | None]:
        """Return the groups whose schedules are this person's; None among them: nobody's."""
        mine: list[int | None] = [
            group for group, people in self.members.items() if person.pk in people
        ]
        return [*mine, None] if person.pk in self.operators else mine


def is_theirs(asked: Asked, owner: int | None) -> bool:
    """Return whether a schedule of this group (None: of nobody) is the person's own.

    Everything is a superuser's, as everywhere.
    """
    if asked.person.is_superuser:
        return True
    ownership = asked.remembered(read_ownership)
    return owner in ownership.owners_for(asked.person)


def read_ownership() -> Ownership:
    """Return who owns what; two queries for everybody."""
    owning = Group.objects.filter(owned_schedules__isnull=False).distinct()
    pairs = User.groups.through.objects.filter(group__in=owning).values_list("group", "user")
    members: dict[int, set[int]] = {}
    for group, user in pairs:
        members.setdefault(group, set()).add(user)
    return Ownership(
        {group: frozenset(people) for group, people in members.items()},
        keys_of_holders(LOOKS_AFTER),
    )
