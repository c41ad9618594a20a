"""A report that is written in SQL, in the admin."""

from django.db import models

from jobs.reports.models.report import Report


class PeriodKind(models.TextChoices):
    """Which span a report is about, seen from the run's logical instant."""

    PREVIOUS_DAY = "previous day", "the previous day"
    PREVIOUS_WEEK = "previous week", "the previous week, Monday to Sunday"
    PREVIOUS_MONTH = "previous month", "the previous month"
    LAST_HOURS = "last hours", "the last hours"


class SqlDefinition(models.Model):
    """What is asked, of which source, about which span, and how the answer is shown."""

    report = models.OneToOneField(
        Report, on_delete=models.CASCADE, related_name="sql", primary_key=True
    )
    source = models.CharField(max_length=100, help_text="The data source that is asked.")
    query = models.TextField(
        help_text="One SELECT. :period_start and :period_end are the span's instants, "
        "and each parameter is :its_name."
    )
    # A list of objects: name, type, default, help.
    parameters = models.JSONField(default=list, blank=True)
    # A list of objects: name, label, type, unit, digits. Others show as they come.
    columns = models.JSONField(default=list, blank=True)
    # A list of objects in reading order, each with its kind: heading, paragraph, figures, ...
    sections = models.JSONField(default=list, blank=True)
    summary = models.CharField(
        max_length=500,
        blank=True,
        help_text="One sentence, for example: {rows} orders, {sum:amount} in all.",
    )
    period_kind = models.CharField(
        max_length=20, choices=PeriodKind, default=PeriodKind.PREVIOUS_DAY
    )
    period_hours = models.PositiveIntegerField(default=24)
    zone = models.CharField(max_length=64, default="UTC")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"SQL of {self.report}"
