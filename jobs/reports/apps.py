from typing import ClassVar

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "jobs.reports"
    verbose_name = "Reports"
    navigation: ClassVar[list[tuple[str, str]]] = [("Reports", "reports:library")]
