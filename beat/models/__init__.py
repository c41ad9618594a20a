"""Timers and beats (beat's own); policies, calendars and details (the operators')."""

from beat.models.api_token import ApiToken
from beat.models.backfill import Backfill, BackfillOccurrence
from beat.models.beat import Beat
from beat.models.calendar import Calendar, CalendarEntry
from beat.models.code_schedule import CodeSchedule, Source
from beat.models.details import ScheduleDetails, Tag
from beat.models.policy import DAY_SECONDS, CatchUp, Policy
from beat.models.timer import Timer

__all__ = [
    "DAY_SECONDS",
    "ApiToken",
    "Backfill",
    "BackfillOccurrence",
    "Beat",
    "Calendar",
    "CalendarEntry",
    "CatchUp",
    "CodeSchedule",
    "Policy",
    "ScheduleDetails",
    "Source",
    "Tag",
    "Timer",
]
