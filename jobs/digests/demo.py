"""The schedules of a first look, and a subscription for the admin."""

from typing import Any

from django.contrib.auth.models import User

from jobs.digests.models import Subscriber

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Digests",
        "task": "digests.send_due",
        "kwargs": {},
        "crontab": "*/15 * * * *",
        "timezone": "Europe/Berlin",
        "description": "Mails what is new to everybody whose hour has come, by their own clock.",
    },
    {
        "name": "Digest preview, every 10 minutes",
        "task": "digests.send",
        "kwargs": {"cadence": "daily"},
        # Never at a quarter, so that it does not meet the others.
        "crontab": "7-57/10 * * * *",
        "timezone": "Europe/Berlin",
        "description": (
            "Only for a first look: sends the daily digest often, so that one can be seen soon "
            "under caught mail. Switch it off to get one digest a day."
        ),
    },
]


def load() -> str:
    """Subscribe the first admin to the daily digest unless they have a subscription."""
    admin = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if admin is None:
        return "Digests: nobody is subscribed, because there is no admin yet."
    Subscriber.objects.get_or_create(user=admin)
    return f"Digests: {admin.get_username()} gets the daily digest."
