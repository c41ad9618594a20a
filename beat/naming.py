"""One word per idea: the admin calls django-celery-beat's models as all else here does."""

from django.apps import apps

STOCK = "django_celery_beat"
# One and many.
NAMES = {
    "PeriodicTask": ("schedule", "schedules"),
    "CrontabSchedule": ("crontab", "crontabs"),
    "IntervalSchedule": ("interval", "intervals"),
    "ClockedSchedule": ("time", "times"),
    "SolarSchedule": ("solar event", "solar events"),
}
TRAIL = ("entry of the trail", "entries of the trail")


def use_our_words() -> None:
    """Name the models for people. Migrations compare what a class says, so they see no change."""
    config = apps.get_app_config(STOCK)
    config.verbose_name = "Scheduling"
    for model_name, (one, many) in NAMES.items():
        meta = config.get_model(model_name)._meta  # noqa: SLF001 -- documented by Django
        meta.verbose_name, meta.verbose_name_plural = one, many
    trail = apps.get_model("auditlog", "LogEntry")._meta  # noqa: SLF001 -- documented by Django
    trail.verbose_name, trail.verbose_name_plural = TRAIL
