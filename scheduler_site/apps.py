from django.apps import AppConfig


class SchedulerSiteConfig(AppConfig):
    name = "scheduler_site"
    verbose_name = "Punctual"
