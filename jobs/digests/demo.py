"""The schedules of a first look, and a subscription for the admin."""

from typing import Any

from django.contrib.auth.models import User

from jobs.digests.models import Subscriber

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Daily digest",
        "task": "digests.send",
        "kwargs": {"cadence": "daily"},
        "crontab": "0 8 * * *",
        "timezone": "Europe/Berlin",
        "description": "Mails what is new to everybody who chose a digest every day.",
    },
    {
        "name": "Weekly digest",
        "task": "digests.send",
        "kwargs": {"cadence": "weekly"},
        "crontab": "0 8 * * 1",
        "timezone": "Europe/Berlin",
        "description": "Mails what is new to everybody who chose a digest every week.",
    },
    {
        "name": "Digest preview, every 10 minutes",
        "task": "digests.send",
        "kwargs": {"cadence": "daily"},
        # Not at full tens, so that it never meets the daily digest.
        "crontab": "5-55/10 * * * *",
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
