"""What operators see: schedules, their rules, calendars and tags; the trail, beats, accounts."""

from beat.admin import accounts, backfills, beats, calendars, rules, schedules, tags, tokens, trail

__all__ = [
    "accounts",
    "backfills",
    "beats",
    "calendars",
    "rules",
    "schedules",
    "tags",
    "tokens",
    "trail",
]
