"""Whatever is typed into the page is refused with a sentence, or runs exactly as it was shown.

`FUZZ_EXAMPLES=5000` looks longer.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from beat.access.asker import Asker
from beat.claim.claiming import claim
from beat.definition import schedule_rows
from beat.editing.editor import Editor
from beat.editing.preview import Upcoming, all_upcoming
from beat.editing.rules import rule_row
from beat.editing.saving import save
from beat.editing.shown import preview_of
from beat.editing.stored import timer_facts
from beat.models import Policy, Timer
from beat.reconcile.reconciling import reconcile
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.unit.test_occurrences_properties import LINES, PLACES, next_change

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "80"))
# Each takes some ten claims.
CLAIMED = int(os.environ.get("FUZZ_EXAMPLES", "15" if connection.vendor == "postgresql" else "40"))
ASKER = Asker(None, "fuzz", "command line")
# The database is given to the test once: each example is rolled back by itself.
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
pytestmark = pytest.mark.django_db


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what the block writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def naive(day: str) -> datetime:
    """Return the midnight of a day without a zone, as strategies take their bounds."""
    return datetime.fromisoformat(day)


JUNK = st.text(max_size=30).filter(lambda text: "\r" not in text)
FIELD_TEXTS = st.one_of(
    st.sampled_from(
        ["*", "*/5", "0", "7", "31", "1-5", "5-1", "mon", "feb", "60", "L", "*/0", "1,2"]
    ),
    st.text(alphabet="0123456789*/-,monfrijaL#?", max_size=8),
)
TYPED_LINES = st.one_of(
    LINES,
    st.lists(FIELD_TEXTS, min_size=4, max_size=7).map(" ".join),
    st.sampled_from(
        ["@daily", "@reboot", "0 0 31 2 *", "0 0 29 2 1", "30 2 * * 7", "0 5 * * * ls"]
    ),
    JUNK,
)
ZONE_TEXTS = st.one_of(PLACES, st.sampled_from(["", "utc", "Europe", "Berlin", "../etc"]), JUNK)
NUMBERS = st.one_of(
    st.sampled_from(["", "0", "-1", "1", "60", "2147483647", "2147483648", "1e3", "999999999999"]),
    st.integers(-10, 100_000).map(str),
    JUNK,
)
ANGLES = st.one_of(st.decimals(-181, 181, places=3).map(str), st.sampled_from(["NaN", "-0", ""]))
JSON_TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "[]",
            "{}",
            "null",
            '{"a": NaN}',
            '{"a": "\\u0000"}',
            '["\\ud800"]',
            '{"id": 1}',
            "[" * 3000,
        ]
    ),
    st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(str),
    JUNK,
)
DATES = st.one_of(
    st.datetimes().map(lambda at: at.isoformat()[:19]),
    st.datetimes(naive("2026-01-01"), naive("2060-01-01")).map(lambda at: at.isoformat()[:16]),
    st.sampled_from(["", "2050-03-27T02:30", "2050-10-30T02:30", "2027-01-01", "now"]),
    JUNK,
)
POSTS = st.fixed_dictionaries(
    {
        "when-kind": st.sampled_from(
            ["crontab", "crontab", "interval", "clocked", "solar", "moon"]
        ),
        "when-line": TYPED_LINES,
        "when-timezone": ZONE_TEXTS,
        "when-every": NUMBERS,
        "when-period": st.sampled_from(["seconds", "minutes", "hours", "days", "weeks", ""]),
        "when-at": DATES,
        "when-event": st.sampled_from(
            ["sunset", "solar_noon", "dawn_astronomical", "", "moonrise"]
        ),
        "when-latitude": ANGLES,
        "when-longitude": ANGLES,
    },
    optional={
        "name": JUNK,
        "task": st.sampled_from(["cleanup.run", "elsewhere.task", "", " "]),
        "enabled": st.sampled_from(["on", ""]),
        "one_off": st.just("on"),
        "start_time": DATES,
        "expires": DATES,
        "expire_seconds": NUMBERS,
        "priority": NUMBERS,
        "queue": JUNK,
        "headers": JSON_TEXTS,
        "arguments-mode": st.sampled_from(["json", "fields"]),
        "arguments-args": JSON_TEXTS,
        "arguments-kwargs": JSON_TEXTS,
        "policy-jitter_seconds": NUMBERS,
        "policy-in_gap": st.sampled_from(["after", "skip", "never"]),
        "policy-repeated": st.sampled_from(["first", "second", "both", ""]),
        "policy-max_attempts": NUMBERS,
        "policy-catch_up_window_seconds": NUMBERS,
        "policy-retry_on": JUNK,
        "details-tags": JUNK,
        "details-owner": st.sampled_from(["", "77"]),
    },
)


def untouched() -> dict[str, Any]:
    """Return what the page of a new schedule posts, given a name and a task."""
    forms = Editor().forms
    values = {form[name].html_name: form[name].value() for form in forms for name in form.fields}
    given = {
        "name": "Fuzzed",
        "task": "cleanup.run",
        "arguments-task": "cleanup.run",
        "enabled": "on",
    }
    return {name: value for name, value in values.items() if value not in (None, False)} | given


def sentences_of(editor: Editor) -> list[str]:
    """Return what the page says about what was posted."""
    said = [
        str(error) for form in editor.forms for errors in form.errors.values() for error in errors
    ]
    return [*said, editor.problem, editor.question, editor.arguments.notice]


@FUZZ
@example({"when-kind": "crontab", "when-line": "30 2 29 2 1", "when-timezone": "Europe/Berlin"})
@example({"when-kind": "interval", "when-every": "2147483647", "when-period": "days"})
@example(
    {"when-kind": "solar", "when-event": "sunset", "when-latitude": "90", "when-longitude": "0"}
)
@example({"when-kind": "clocked", "when-at": "9000-12-31T23:59", "when-timezone": "Etc/GMT+12"})
@given(POSTS)
def test_what_is_accepted_is_computed_and_what_is_not_is_told(post: dict[str, str]) -> None:
    now = timezone.now()
    data = untouched() | post
    with rolled_back():
        editor = Editor(None, data, now=now)
        shown = preview_of(Editor(None, data, now=now))
        if not editor.is_valid():
            assert any(sentences_of(editor))
            return
        assert not shown.problem
        schedule = save(editor, ASKER)
        reconcile(now)
        timer = Timer.objects.get(schedule=schedule)
        assert (timer.set_aside_reason, timer.set_aside_text) == ("", "")
        assert (timer.due_at is not None) == schedule.enabled
        if schedule.enabled:
            assert instants_shown(schedule, timer, now)[0].due_at == timer.due_at


def instants_shown(schedule: PeriodicTask, timer: Timer, now: datetime) -> list[Upcoming]:
    """Return the preview of a saved schedule without what the clock leaves out."""
    row = schedule_rows([schedule.pk])[schedule.pk]
    shown = islice(all_upcoming(row, now, timer_facts(timer, row, now)), 8)
    return [each for each in shown if not (each.is_skipped and "clock" in each.why)]


RULES = st.one_of(
    st.tuples(st.just("crontab"), LINES),
    st.tuples(st.just("crontab"), st.sampled_from(["30 2 * * *", "*/20 1-3 * * *", "0 0 * * *"])),
    st.tuples(st.just("interval"), st.integers(1, 200).map(str)),
)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "in_gap": st.sampled_from(["after", "skip"]),
        "repeated": st.sampled_from(["first", "second", "both"]),
        "jitter_seconds": st.integers(0, 600),
        "pause_hours": st.integers(1, 60),
    },
)
STARTS = st.datetimes(naive("2026-01-01"), naive("2035-01-01")).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


@settings(FUZZ, max_examples=CLAIMED)
@example(("crontab", "30 2 * * *"), "Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC), {})
@example(
    ("crontab", "30 2 * * *"),
    "Europe/Berlin",
    datetime(2026, 10, 23, tzinfo=UTC),
    {"repeated": "both"},
)
@example(
    ("crontab", "* */10,*/6 * * 1-1/5,*/5"),
    "America/Santiago",
    datetime(2029, 6, 10, 14, 38, 29, tzinfo=UTC),
    {"pause_hours": 49, "in_gap": "skip"},
)
@given(RULES, PLACES, STARTS, POLICIES)
def test_what_the_preview_shows_is_what_beat_claims(
    rule: tuple[str, str], place: str, start: datetime, policy: dict[str, Any]
) -> None:
    now = next_change(ZoneInfo(place), start)
    with rolled_back():
        schedule = schedule_with(rule, place, policy, now)
        reconcile(now)
        timer = Timer.objects.get(schedule=schedule)
        if timer.due_at is None:
            assert timer.set_aside_reason == "never_due" or "month" in timer.set_aside_text
            return
        shown = instants_shown(schedule, timer, now)
        claim_until(shown[-1].due_at)
        assert claimed(schedule) == (
            [each.due_at for each in shown if not each.is_skipped],
            sum(each.is_skipped for each in shown),
        )


def schedule_with(
    rule: tuple[str, str], place: str, policy: dict[str, Any], now: datetime
) -> PeriodicTask:
    """Return a saved schedule with this rule and policy."""
    kind, text = rule
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    columns: dict[str, Any] = (
        {"every": int(text), "period": "minutes"} if kind == "interval" else {}
    )
    if kind == "crontab":
        columns = {**dict(zip(names, text.split(), strict=True)), "timezone": place}
    row = rule_row(kind, columns)
    schedule = PeriodicTask.objects.create(name="Shown", task="cleanup.run", **{kind: row})
    policy = dict(policy)
    hours = policy.pop("pause_hours", None)
    pause = {"is_paused": True, "paused_until": now + timedelta(hours=hours)} if hours else {}
    Policy.objects.create(schedule=schedule, **policy, **pause)
    return schedule


def claim_until(last: datetime) -> None:
    """Claim each occurrence at its instant, up to the last."""
    while (due_at := Timer.objects.get().due_at) is not None and due_at <= last:
        assert claim(due_at, 10, "beat").timers == 1


def claimed(schedule: PeriodicTask) -> tuple[list[datetime], int]:
    """Return when runs are due, and how many occurrences were skipped."""
    runs = Run.objects.filter(schedule=schedule).order_by("due_at")
    pending = [run.due_at for run in runs if run.state == State.PENDING]
    return pending, sum(run.missed_count for run in runs if run.state == State.SKIPPED)
