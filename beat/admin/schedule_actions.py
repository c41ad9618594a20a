"""What people do with the schedules that they have selected."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat import admin as stock


class ScheduleActions(stock.PeriodicTaskAdmin):  # type: ignore[misc]
    """The actions. Each needs the permission to change; stock lets every viewer run."""

    @admin.action(description="Enable selected schedules", permissions=["change"])
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch the selected schedules on."""
        super().enable_tasks(request, queryset)

    @admin.action(description="Disable selected schedules", permissions=["change"])
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch the selected schedules off."""
        super().disable_tasks(request, queryset)

    @admin.action(description="Toggle selected schedules", permissions=["change"])
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch what is on off, and what is off on."""
        super().toggle_tasks(request, queryset)

    @admin.action(description="Run selected schedules now", permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Publish the selected schedules' tasks at once."""
        super().run_tasks(request, queryset)
