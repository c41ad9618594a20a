"""Which columns of a schedule and its rule say when it is due and what its runs do."""

SCHEDULES = "django_celery_beat_periodictask"
# Not the name: no timer depends on it, and renaming locks the row harder than other edits do.
SCHEDULE_COLUMNS = (
    "task",
    "interval_id",
    "crontab_id",
    "solar_id",
    "clocked_id",
    "args",
    "kwargs",
    "queue",
    "exchange",
    "routing_key",
    "headers",
    "priority",
    "expires",
    "expire_seconds",
    "one_off",
    "start_time",
    "enabled",
)
# Table of rules: the schedules' column that points to it, and its own columns.
RULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "django_celery_beat_intervalschedule": ("interval_id", ("every", "period")),
    "django_celery_beat_crontabschedule": (
        "crontab_id",
        ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone"),
    ),
    "django_celery_beat_solarschedule": ("solar_id", ("event", "latitude", "longitude")),
    "django_celery_beat_clockedschedule": ("clocked_id", ("clocked_time",)),
}


def any_differs(columns: tuple[str, ...], operator: str) -> str:
    """Return the SQL condition that at least one of the columns has another value now."""
    return " OR ".join(f"OLD.{column} {operator} NEW.{column}" for column in columns)
