"""What a lint is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from beat.definition import ScheduleRow


@dataclass(frozen=True)
class Lint:
    """Something that a schedule can have wrong with it.

    `suspects` returns the condition on a schedule that has it, in a bounded time however many
    schedules there are; a few that do not have it may be among them. `judge` returns a sentence
    for each of these rows that has it: what is wrong, and what to do. It is asked for a page of
    rows, or for a single one.
    """

    key: str
    title: str
    meaning: str
    suspects: Callable[[datetime], Q]
    judge: Callable[[Sequence[ScheduleRow], datetime], dict[int, str]]


@dataclass(frozen=True)
class Finding:
    """A lint that a schedule has, and the sentence about it."""

    lint: Lint
    sentence: str
