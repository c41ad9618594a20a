from typing import ClassVar

from django.apps import AppConfig


class DigestsConfig(AppConfig):
    name = "jobs.digests"
    verbose_name = "Digests"
    navigation: ClassVar[list[tuple[str, str]]] = [("Digest", "digests:subscription")]
