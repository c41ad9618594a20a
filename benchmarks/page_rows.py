"""Very many schedules of many kinds and their runs, made by SQL. PostgreSQL only."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from beat.models import Policy, Tag
from benchmarks.many_runs import add_ended
from benchmarks.schedules import BATCH, analyze, empty
from jobs.runs.models import Worker

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
# 2,880 crontabs (each minute of a few hours in four zones) and ten intervals.
HOURS = (0, 2, 3, 6, 9, 12, 18, 22, 23, 1, 4, 5)
GROUPS, TAGS = 20, 50
LEDGER_GOES_BACK = timedelta(days=10)
SCHEDULES = """
INSERT INTO django_celery_beat_periodictask (
    name, task, args, kwargs, headers, enabled, one_off, total_run_count, description, date_changed,
    crontab_id, interval_id, queue
)
SELECT 'schedule ' || lpad(n::text, 6, '0'), 'benchmarks.task_' || n % 40, '[]', '{{}}', '{{}}',
    n % 20 <> 0, false, 0, '', now(),
    CASE WHEN n % 3 <> 0 THEN
        -- A tenth is at the first crontab, midnight; the others are spread.
        {first_crontab} + CASE WHEN n % 10 = 1 THEN 0 ELSE n % {crontabs} END END,
    CASE WHEN n % 3 = 0 THEN {first_interval} + n % {intervals} END,
    CASE WHEN n % 50 = 0 THEN 'nobody' END
FROM generate_series(1, {schedules}) AS n
"""
TIMERS = """
INSERT INTO beat_timer (schedule_id, due_at, definition, is_stale, set_aside_reason, set_aside_text)
SELECT id, CASE WHEN enabled AND id % 500 <> 7 THEN now() + (id % 86400) * interval '1 second' END,
    '', false, CASE WHEN id % 500 = 7 THEN 'broken_rule' ELSE '' END,
    CASE WHEN id % 500 = 7 THEN 'The hour 25 is none.' ELSE '' END
FROM django_celery_beat_periodictask
ON CONFLICT (schedule_id) DO UPDATE SET due_at = EXCLUDED.due_at, is_stale = false,
    set_aside_reason = EXCLUDED.set_aside_reason, set_aside_text = EXCLUDED.set_aside_text
"""
DETAILS = """
INSERT INTO beat_scheduledetails (schedule_id, owner_id)
SELECT id, {first_group} + id % {groups} FROM django_celery_beat_periodictask WHERE id % 2 = 0
"""
TAGGED = """
INSERT INTO beat_scheduledetails_tags (scheduledetails_id, tag_id)
SELECT schedule_id, {first_tag} + schedule_id % {tags} FROM beat_scheduledetails
"""


def fill(schedules: int, runs: int) -> None:
    """Forget all there is, and make so many schedules and runs.

    Half of the runs belong to a hundredth of the schedules, which run often.
    """
    empty()
    numbers = _rules() | _words() | {"schedules": schedules}
    with connection.cursor() as cursor:
        for sql in (SCHEDULES, TIMERS, DETAILS, TAGGED):
            cursor.execute(sql.format(**numbers))
    _policies()
    _worker()
    now = timezone.now()
    frequent = max(1, schedules // 100)
    # The ids of these runs are made of their instants, which may not be the same.
    for owners, until in ((schedules, now), (frequent, now - timedelta(seconds=1))):
        add_ended(runs // 2, owners, until - LEDGER_GOES_BACK, until)
    analyze()


def _rules() -> dict[str, int]:
    """Make the rules that the schedules share; return their first ids and how many they are."""
    CrontabSchedule.objects.all().delete()
    rows = [
        CrontabSchedule(minute=str(minute), hour=str(hour), timezone=zone)
        for zone in ZONES
        for hour in HOURS
        for minute in range(60)
    ]
    crontabs = CrontabSchedule.objects.bulk_create(rows)
    intervals = IntervalSchedule.objects.bulk_create(
        IntervalSchedule(every=every, period="seconds")
        for every in (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 86400)
    )
    return {
        "first_crontab": crontabs[0].pk,
        "crontabs": len(crontabs),
        "first_interval": intervals[0].pk,
        "intervals": len(intervals),
    }


def _words() -> dict[str, int]:
    """Make groups and tags; return their first ids and how many they are."""
    groups = Group.objects.bulk_create(Group(name=f"group {n}") for n in range(GROUPS))
    tags = Tag.objects.bulk_create(Tag(name=f"tag {n}") for n in range(TAGS))
    return {"first_group": groups[0].pk, "groups": GROUPS, "first_tag": tags[0].pk, "tags": TAGS}


def _policies() -> None:
    """Give a quarter of the schedules a policy, and pause some of these."""
    ids = PeriodicTask.objects.order_by("pk").values_list("pk", flat=True)
    rows = (Policy(schedule_id=id_, is_paused=id_ % 44 == 0) for id_ in ids if id_ % 4 == 0)
    Policy.objects.bulk_create(rows, batch_size=BATCH)


def _worker() -> None:
    """Make a worker that takes from the default queue and knows all tasks but one."""
    now = timezone.now() + timedelta(days=1)
    Worker.objects.create(
        id=uuid4(),
        name="celery@benchmark",
        host="benchmark",
        pid=1,
        queues=["default"],
        tasks=[f"benchmarks.task_{n}" for n in range(39)],
        concurrency=1,
        version="1",
        started_at=datetime.now(UTC),
        heartbeat_at=now,
        pool_seen_at=now,
    )
