"""The trail of one row, in the place of the admin's own history, which knows less."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from beat.audit.trail import position_of, trail_of


class TrailInHistory:
    """For the admin of rows whose changes are recorded."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the page of the trail; also of a row that is deleted."""
        admin: Any = self
        row = admin.get_object(request, object_id)
        if not admin.has_view_or_change_permission(request, row):
            raise PermissionDenied
        older_than = position_of(request.GET.get("older_than", ""))
        trail = trail_of(admin.model, position_of(object_id), older_than)
        context = {
            **admin.admin_site.each_context(request),
            "title": f"What was done to {trail.name or row or 'it'}",
            "opts": admin.opts,
            # The way back to it, above the page.
            "object": row,
            "trail": trail,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "beat/audit/history.html", context)
