from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "jobs.alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        """Let workers watch beat."""
        from jobs.alerts import watchman  # noqa: PLC0415 - its models need the apps

        watchman.connect()
