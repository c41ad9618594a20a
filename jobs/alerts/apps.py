from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "jobs.alerts"
    verbose_name = "Alerts"
