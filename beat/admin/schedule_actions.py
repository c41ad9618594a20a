"""What people do to schedules in the admin: to one from its page, to many from the list."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django_celery_beat.models import PeriodicTask

from beat.actions.permitted import MOST_AT_ONCE
from beat.asking.page import Question, ask_or_do, may_ask, show
from beat.asking.toolbar import toolbar
from beat.asking.verbs import ALL, Verb

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


class ScheduleActions:
    """The pages that ask, the links to them on a schedule's page, and the actions of the list."""

    def get_urls(self) -> list[Any]:
        """Add the page that asks, for every action."""
        page = self.admin_site.admin_view(self._act)  # type: ignore[attr-defined]
        return [path("act/<slug:verb_name>/", page, name="beat_act"), *super().get_urls()]  # type: ignore[misc]

    def _act(self, request: HttpRequest, verb_name: str) -> HttpResponse:
        return ask_or_do(request, self.admin_site, verb_name)  # type: ignore[attr-defined]

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Action, str, str]]:
        """Return the actions of the list that the person may do; each asks once."""
        return {
            verb.name: (_asking(verb), verb.name, f"{verb.label} …")
            for verb in ALL
            if may_ask(request, verb)
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page of a schedule with what can be done to it."""
        schedule = PeriodicTask.objects.filter(pk=_number(object_id)).first()
        acts = {"acts": toolbar(request, schedule)} if schedule is not None else {}
        page: HttpResponse = super().changeform_view(  # type: ignore[misc]
            request, object_id, form_url, {**acts, **(extra_context or {})}
        )
        return page

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask as for every other action; that page says what stays."""
        address = reverse("admin:beat_act", args=["delete"])
        return HttpResponseRedirect(f"{address}?ids={_number(object_id)}")


def _asking(verb: Verb) -> Action:
    """Return the list's action: it shows the question about the selected schedules."""

    def ask(admin: Any, request: HttpRequest, selected: QuerySet[Any]) -> HttpResponse | None:
        ids = list(selected.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            sentence = f"Choose at most {MOST_AT_ONCE:,} schedules at once. Nothing was done."
            admin.message_user(request, sentence, messages.ERROR)
            return None
        return show(Question(request, verb, ids), admin.admin_site)

    return ask


def _number(object_id: str | None) -> int:
    """Return the id of an address; 0, which no row has, for what is none."""
    return int(object_id) if object_id and object_id.isascii() and object_id.isdigit() else 0
