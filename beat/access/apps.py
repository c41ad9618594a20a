"""The app of roles and protection: it has a migration and no models."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may do what to schedules, and what nobody may."""

    name = "beat.access"
    verbose_name = "Access to schedules"

    def ready(self) -> None:
        """Protect the rules that schedules use, and give owners a say in their runs."""
        # These need the models.
        from beat.access.rules_in_use import watch_deletions  # noqa: PLC0415
        from beat.access.runs_of_schedules import RunsOfSchedules  # noqa: PLC0415
        from jobs.runs import interested  # noqa: PLC0415

        watch_deletions()
        interested.register(RunsOfSchedules())
