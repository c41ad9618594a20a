"""The app of schedules."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from beat.triggers.installing import come_back, make_way


class BeatConfig(AppConfig):
    """Schedules; its triggers stand aside while migrations of any app change their tables."""

    name = "beat"
    verbose_name = "Schedules"

    def ready(self) -> None:
        """Have the triggers removed before migrations and installed after them."""
        pre_migrate.connect(make_way, sender=self)
        post_migrate.connect(come_back, sender=self)
