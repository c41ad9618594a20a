"""What the rows of a schedule mean: when it is due, and what its runs are to do."""

from beat.definition.broken import BrokenScheduleError
from beat.definition.rows import ScheduleRow, schedule_rows
from beat.definition.timing import Timing, anchor_of, rule_text, timing_of, timing_text
from beat.definition.work import Work, work_of

__all__ = [
    "BrokenScheduleError",
    "ScheduleRow",
    "Timing",
    "Work",
    "anchor_of",
    "rule_text",
    "schedule_rows",
    "timing_of",
    "timing_text",
    "work_of",
]
