from typing import ClassVar

from django.apps import AppConfig


class CleanupConfig(AppConfig):
    name = "jobs.cleanup"
    verbose_name = "Cleanup"
    staff_navigation: ClassVar[list[tuple[str, str]]] = [("Cleanup", "cleanup:rules")]
