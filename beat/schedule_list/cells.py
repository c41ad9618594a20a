"""What the columns of the list say of a schedule, as HTML.

Not templates: a page has hundreds of cells, and most of its time would go into writing them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from beat.schedule_list.bar import bar
from beat.schedule_list.outcomes import Outcomes
from beat.schedule_list.states import NextRun, ScheduleState
from jobs.runs.templatetags.times import duration, instant

NOTHING = SafeString("")
LABELS = {"on": "On", "off": "Off", "paused": "Paused", "set-aside": "Set aside"}


class Addresses(NamedTuple):
    """Where the links of a schedule lead, looked up once for a page."""

    any_run: str
    history: str
    list: str


def name(name: str, task: str) -> SafeString:
    """Return the name, and the task below it."""
    html = '<span class="schedule-name">{}</span> <span class="schedule-aside">{}</span>'
    return format_html(html, name, task)


def next_run(next_run: NextRun) -> SafeString:
    """Return the next run as seen from now, and exactly; else the words in its place."""
    if next_run.due_at is not None:
        html = '<span class="schedule-line">{}</span> <span class="schedule-aside">{}</span>'
        return format_html(html, instant(next_run.due_at), _exactly(next_run.due_at))
    words = next_run.words
    if next_run.from_at is not None:
        words += f" {_exactly(next_run.from_at)}"
    return format_html('<span class="schedule-quiet">{}</span>', words)


def last_runs(schedule: str, outcomes: Outcomes, addresses: Addresses) -> SafeString:
    """Return a cell for each of the last runs, and in words what came of them."""
    cells = bar(outcomes.runs, addresses.any_run) if outcomes.runs else NOTHING
    took = NOTHING
    if outcomes.last_duration is not None:
        html = '<span class="schedule-aside">the last took {}</span>'
        took = format_html(html, duration(outcomes.last_duration))
    html = '{}<a class="schedule-aside outcome-words" href="{}?schedule={}">{}</a>{}'
    return format_html(html, cells, addresses.history, quote(schedule), outcomes.words, took)


def state(state: ScheduleState) -> SafeString:
    """Return whether it runs, how long not, and why."""
    words = LABELS[state.name]
    if state.name == "paused" and state.until is not None:
        words += f" until {_shortly(state.until)}"
    html = '<span class="schedule-state schedule-state-{}">{}</span>'
    label = format_html(html, state.name, words)
    if not state.why:
        return label
    html = '{} <span class="schedule-aside schedule-why" title="{}">{}</span>'
    return format_html(html, label, state.why, state.why)


def filed_under(owner: str, tags: Sequence[str], addresses: Addresses) -> SafeString:
    """Return whose it is and what it is filed under."""
    if not owner and not tags:
        return SafeString('<span class="schedule-quiet">&ndash;</span>')
    whose = format_html('<span class="schedule-line">{}</span>', owner) if owner else NOTHING
    html = '<a class="schedule-tag" href="{}?tag={}">{}</a>'
    links = format_html_join("", html, [(addresses.list, quote(tag), tag) for tag in tags])
    filed = format_html(' <span class="schedule-tags">{}</span>', links) if tags else NOTHING
    return format_html("{}{}", whose, filed)


def _exactly(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "DATETIME_FORMAT")


def _shortly(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "SHORT_DATETIME_FORMAT")
