"""What operators see: django-celery-beat's five models, policies, calendars, beats, accounts."""

from beat.admin import accounts, beats, calendars, rules, schedules

__all__ = ["accounts", "beats", "calendars", "rules", "schedules"]
