"""What can be done to a schedule, as links on its page."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.access.deciding import may
from beat.access.schedule_admin import person
from beat.actions.pause import is_paused
from beat.actions.undo_skip import skipped_to_come
from beat.asking.page import may_ask
from beat.asking.verbs import ALL, Verb
from beat.models import Policy

FIRST = ("run", "pause", "resume", "skip-next", "undo-skip", "backfill")


@dataclass(frozen=True)
class ActLink:
    """A link to the page that asks before an action."""

    name: str
    label: str
    address: str


@dataclass(frozen=True)
class Toolbar:
    """The links that people use most, and the others."""

    first: list[ActLink]
    more: list[ActLink]


def toolbar(request: HttpRequest, schedule: PeriodicTask) -> Toolbar:
    """Return what the person may do to this schedule and what makes sense as it stands."""
    now = timezone.now()
    paused = Policy.objects.filter(is_paused(now), pk=schedule.pk).exists()
    out_of_place = {"resume" if not paused else "", "enable" if schedule.enabled else "disable"}
    if not skipped_to_come([schedule.pk], now):
        out_of_place.add("undo-skip")
    decided = {act: may(person(request), act, schedule) for act in {verb.act for verb in ALL}}
    links = [
        link(verb, schedule.pk)
        for verb in ALL
        if verb.name not in out_of_place and decided[verb.act] and may_ask(request, verb)
    ]
    first = [one for one in links if one.name in FIRST]
    return Toolbar(first, [one for one in links if one.name not in FIRST])


def link(verb: Verb, schedule_id: int) -> ActLink:
    """Return the link to the question about one schedule."""
    address = f"{reverse('admin:beat_act', args=[verb.name])}?ids={schedule_id}"
    return ActLink(verb.name, verb.label, address)
