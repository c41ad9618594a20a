"""What digests tell by themselves: how the person's schedules went, and what is coming."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from jobs.digests.coming import Coming, coming_of, coming_of_all
from jobs.digests.ownership import is_theirs, read_ownership
from jobs.digests.registry import Asked, Line, Section, personal_section
from jobs.digests.troubles import Trouble, failed_between, last_failed, last_late, late_between
from jobs.runs.states import State
from jobs.runs.templatetags.times import duration

SHOWN = 10


@personal_section(order=20, title="Runs that failed")
def failures(asked: Asked) -> Section | None:
    """Return what failed or was lost of the person's schedules: a line for each."""
    span = asked.since, asked.until
    troubles = [
        one for one in asked.remembered(failed_between, *span) if is_theirs(asked, one.owner)
    ]
    lines = [_failure(asked, one) for one in troubles[:SHOWN]]
    if len(troubles) > SHOWN:
        lines.append(Line("And more.", f"{reverse('runs:history')}?state={State.FAILED.value}"))
    return Section("Runs that failed", lines) if lines else None


@personal_section(order=25, title="Late and missed runs")
def late(asked: Asked) -> Section | None:
    """Return what started late, or never, of the person's schedules."""
    span = asked.since, asked.until
    troubles = [one for one in asked.remembered(late_between, *span) if is_theirs(asked, one.owner)]
    lines = [_lateness(asked, one) for one in troubles[:SHOWN]]
    if len(troubles) > SHOWN:
        lines.append(Line("And more.", f"{reverse('runs:history')}?state={State.MISSED.value}"))
    return Section("Late and missed runs", lines) if lines else None


@personal_section(order=90, title="What is coming")
def coming(asked: Asked) -> Section | None:
    """Return the next runs of the person's schedules; no reason for a mail by itself."""
    found = _coming(asked, asked.until, asked.until + asked.ahead)
    lines = [_next_run(asked, one) for one in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(Line("And more."))
    return Section("What is coming", lines, is_news=False) if lines else None


def _failure(asked: Asked, trouble: Trouble) -> Line:
    """Return the line of one schedule or task, with its last failure's reason and page."""
    named = trouble.schedule_name, trouble.task
    last = asked.remembered(last_failed, *named, asked.since, asked.until)
    times = "once" if trouble.times == 1 else f"{trouble.times} times"
    text = f"{trouble.schedule_name or trouble.task}: {times}"
    if last is None:
        return Line(text)
    reason = last.reason_text or last.reason or last.get_state_display()
    return Line(text, last.get_absolute_url(), reason)


def _lateness(asked: Asked, trouble: Trouble) -> Line:
    named = trouble.schedule_name, trouble.task
    last = asked.remembered(last_late, *named, asked.since, asked.until)
    words = []
    if trouble.missed:
        words.append(f"{trouble.missed:,} missed")
    if trouble.times:
        words.append(f"{trouble.times:,} late by up to {duration(trouble.longest_delay)}")
    text = f"{trouble.schedule_name or trouble.task}: {', '.join(words)}"
    return Line(text, last.get_absolute_url(), last.reason_text) if last else Line(text)


def _coming(asked: Asked, since: datetime, until: datetime) -> list[Coming]:
    if asked.person.is_superuser:
        return asked.remembered(coming_of_all, since, until)
    owners = asked.remembered(read_ownership).owners_for(asked.person)
    each = [asked.remembered(coming_of, owner, since, until) for owner in owners]
    return sorted((one for found in each for one in found), key=lambda one: one.due_at)


def _next_run(asked: Asked, one: Coming) -> Line:
    """Return when a schedule is due, by the clock of the zone that is current."""
    local = timezone.localtime(one.due_at)
    when = f"{local:%A}, {local.day} {local:%B}, {local:%H:%M}"
    if not asked.person.is_staff:
        return Line(one.name, detail=when)
    page = reverse("admin:django_celery_beat_periodictask_change", args=[one.schedule_id])
    return Line(one.name, page, when)
