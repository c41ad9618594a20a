"""The page of one schedule."""

from django_celery_beat import admin as stock

from beat.admin.schedule_policy import PolicyInline
from beat.forms.schedules import ScheduleForm


class ScheduleEditor(stock.PeriodicTaskAdmin):  # type: ignore[misc]
    """What the page of a schedule holds."""

    form = ScheduleForm
    inlines = (PolicyInline,)
    readonly_fields = (*stock.PeriodicTaskAdmin.readonly_fields, "next_due", "set_aside")
    fieldsets = (
        *stock.PeriodicTaskAdmin.fieldsets,
        ("What beat makes of it", {"fields": ("next_due", "set_aside")}),
    )
