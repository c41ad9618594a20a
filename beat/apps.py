"""The app of schedules."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate

from beat.naming import use_our_words
from beat.triggers.installing import come_back, make_way
from beat.zone_columns import read_any_zone

CRONTABS = "django_celery_beat.CrontabSchedule"


class BeatConfig(AppConfig):
    """Schedules; its triggers stand aside while migrations of any app change their tables."""

    name = "beat"
    verbose_name = "Schedules"

    def ready(self) -> None:
        """Have the triggers removed before migrations and installed after them.

        And let lists be shown though a time zone in them is unknown, in our own words.
        """
        pre_migrate.connect(make_way, sender=self)
        post_migrate.connect(come_back, sender=self)
        for model in (self.get_model("Calendar"), apps.get_model(CRONTABS)):
            read_any_zone(model)
        use_our_words()
