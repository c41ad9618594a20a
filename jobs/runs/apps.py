from typing import ClassVar

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "jobs.runs"
    verbose_name = "Runs"
    navigation: ClassVar[list[tuple[str, str, str]]] = [("Runs", "runs:history", "runs.view_run")]
    staff_navigation: ClassVar[list[tuple[str, str]]] = [("Workers", "runs:workers")]
