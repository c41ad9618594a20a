"""Who may change what several schedules share: a rule, a calendar or a tag.

To change it changes all of them. Whoever may not touch one of them may not change it, else the
owner of a schedule would protect nothing.
"""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django_celery_beat.models import PeriodicTask

from beat.access.deciding import of_others
from beat.access.schedule_admin import person

NAMED = 5


class SharedAccess:
    """For the admin of something that schedules share; its pages say who keeps it as it is."""

    change_form_before_template = "beat/access/out_of_reach.html"
    # What whoever may not change it does instead, as a sentence.
    instead = "Ask their owners, or make another one for your schedules."

    def schedules_of(self, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that share it."""
        raise NotImplementedError

    def out_of_reach(self, request: HttpRequest, obj: Any) -> "QuerySet[PeriodicTask]":
        """Return the schedules that share it and that the person may not change."""
        return of_others(person(request), self.schedules_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may change it, and all schedules that share it."""
        return super().has_change_permission(request, obj) and self._is_in_reach(  # type: ignore[misc]
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may delete it."""
        return super().has_delete_permission(request, obj) and self._is_in_reach(  # type: ignore[misc]
            request, obj
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page, with the schedules that keep the person from changing it."""
        obj = self.get_object(request, object_id) if object_id else None  # type: ignore[attr-defined]
        others = list(self.out_of_reach(request, obj)[:NAMED]) if obj else []
        context = {**(extra_context or {}), "out_of_reach": others, "instead": self.instead}
        page: HttpResponse = super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]
        return page

    def _is_in_reach(self, request: HttpRequest, obj: Model | None) -> bool:
        return obj is None or not self.out_of_reach(request, obj).exists()
