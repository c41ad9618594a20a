"""How long from the commit of an edit until it is in force.

Punctual: until the timer is the one that the edited schedule asks for. The others have no timers:
a schedule that was due in an hour is edited so that it is due at once, until its message is in
Redis. Both look for edits every five seconds: DatabaseScheduler by default, redbeat because it is
started with `--max-interval 5` (its default is five minutes).
"""

import random
import time
from argparse import Namespace
from collections.abc import Callable, Collection

from celery.schedules import schedule as celery_interval
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Timer
from beat.process.tick import LONGEST_SLEEP_SECONDS
from benchmarks.celery_app import app
from benchmarks.contenders import (
    AN_HOUR_SECONDS,
    PUNCTUAL,
    REDBEAT,
    START_TIMEOUT_SECONDS,
    STOCK,
    Beats,
    set_up,
)
from benchmarks.figures import milliseconds, print_heading, print_row
from benchmarks.idle import seconds_to_settle
from benchmarks.messages import LOOK_EVERY_SECONDS, arrivals
from benchmarks.schedules import Interval, add_yearly, compute_timers, empty, redbeat_entry
from benchmarks.stage import say

SEED = 1
A_MINUTE_SECONDS = 60
TEN_MINUTES_SECONDS = 600
LONGEST_PAUSE_SECONDS = 5.0
GIVE_UP_AFTER_SECONDS = 60


def measure(database: str, options: Namespace) -> None:
    """Print a line for each kind of edit and scheduler."""
    print(f"\nFrom the commit of an edit until it is in force, {database}:")
    print_heading("scheduler", "|schedules", "edits", "|p50", "|p99", "|slowest")
    measure_punctual(options)
    measure_other(
        STOCK, options, "`save()`", lambda name: edit_by_save(PeriodicTask.objects.get(name=name))
    )
    measure_other(REDBEAT, options, "`entry.save()`", edit_entry, "--max-interval", "5")


def measure_punctual(options: Namespace) -> None:
    """Print the lines of single edits and of many at once."""
    say(f"Punctual: {options.edits} edits with {options.schedules:,} schedules")
    empty()
    add_yearly(options.schedules)
    compute_timers()
    ids = list(PeriodicTask.objects.order_by("pk").values_list("pk", flat=True))
    with Beats(PUNCTUAL) as started:
        started.wait_until_ready()
        time.sleep(seconds_to_settle(PUNCTUAL, options.schedules))
        single = single_edits(random.Random(SEED).sample(ids, options.edits), started)
        kinds = f"{len(single)}, one after the other, by `update()`, `save()` and SQL in turn"
        print_row("Punctual", f"{options.schedules:,}", kinds, *milliseconds(single))
        say(f"Punctual: {options.at_once:,} edits at once")
        many = edits_at_once(ids[: options.at_once], started)
        kinds = f"{options.at_once:,} by one `update()`, until the last is in force"
        print_row("Punctual", f"{options.schedules:,}", kinds, "", "", f"{many * 1000:,.0f} ms")


def single_edits(ids: Collection[int], started: Beats) -> list[float]:
    """Return the seconds that each edit took to be in force.

    The pauses in between are random: else each edit would follow the tick that saw the last one.
    """
    chance = random.Random(SEED)
    routes = (edit_by_update, edit_by_save, edit_by_sql)
    took = []
    for number, schedule in enumerate(PeriodicTask.objects.filter(pk__in=ids)):
        time.sleep(chance.uniform(0, LONGEST_SLEEP_SECONDS))
        before = Timer.objects.values_list("definition", flat=True).get(schedule=schedule)
        routes[number % len(routes)](schedule)
        edited_at = time.perf_counter()
        renewed = Timer.objects.filter(schedule=schedule, is_stale=False).exclude(definition=before)
        wait_quickly(renewed.exists, started)
        took.append(time.perf_counter() - edited_at)
    return took


def edits_at_once(ids: list[int], started: Beats) -> float:
    """Return the seconds from the commit of one update of all until the last timer is renewed."""
    PeriodicTask.objects.filter(pk__gte=ids[0], pk__lte=ids[-1]).update(interval=_new_rule(200))
    edited_at = time.perf_counter()
    stale = Timer.objects.filter(is_stale=True)
    wait_quickly(lambda: not stale.exists(), started)
    return time.perf_counter() - edited_at


def wait_quickly(predicate: Callable[[], bool], started: Beats) -> None:
    """Return when it is true; raises TimeoutError after a minute."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while not predicate():
        started.check()
        if time.monotonic() > give_up_at:
            raise TimeoutError("The edit is not in force after a minute.")
        time.sleep(LOOK_EVERY_SECONDS)


def edit_by_update(schedule: PeriodicTask) -> None:
    """Give the schedule another interval as a bulk action does."""
    PeriodicTask.objects.filter(pk=schedule.pk).update(interval=_new_rule(100))


def edit_by_save(schedule: PeriodicTask) -> None:
    """Give the schedule another interval as a form does: a minute, so that it is soon due."""
    schedule.interval = IntervalSchedule.objects.get_or_create(
        every=A_MINUTE_SECONDS, period=IntervalSchedule.SECONDS
    )[0]
    schedule.save()


def edit_by_sql(schedule: PeriodicTask) -> None:
    """Give the schedule another interval as a person in psql does."""
    table = PeriodicTask._meta.db_table  # noqa: SLF001 -- documented by Django
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET interval_id = %s WHERE id = %s", [_new_rule(150).pk, schedule.pk]
        )


def edit_entry(name: str) -> None:
    """Give redbeat's entry the interval of a minute."""
    entry = redbeat_entry(name, AN_HOUR_SECONDS, _due_in_fifty_minutes())
    entry.schedule = celery_interval(A_MINUTE_SECONDS, app=app)
    entry.save()


def measure_other(
    contender: object,
    options: Namespace,
    route: str,
    edit: Callable[[str], None],
    *beat_options: str,
) -> None:
    """Print the line of a few edits of a scheduler without timers."""
    assert contender is STOCK or contender is REDBEAT
    say(f"{contender.name}: {options.others_edits} edits with {options.others:,} schedules")
    set_up(contender, Interval(AN_HOUR_SECONDS, [_due_in_fifty_minutes()] * options.others))
    with Beats(contender, 1, *beat_options) as started:
        started.wait_until_ready()
        took = [edit_until_sent(str(n), edit, started) for n in range(options.others_edits)]
    kinds = f"{len(took)}, one after the other, by {route}"
    print_row(contender.name, f"{options.others:,}", kinds, *milliseconds(took))


def edit_until_sent(name: str, edit: Callable[[str], None], started: Beats) -> float:
    """Return the seconds from an edit until the schedule's message is in Redis."""
    time.sleep(random.Random(name).uniform(0, LONGEST_PAUSE_SECONDS))
    edit(name)
    edited_at = time.time()
    for arrival in arrivals(edited_at + START_TIMEOUT_SECONDS, started.check):
        if arrival.name == name and arrival.at >= edited_at:
            return arrival.at - edited_at
    raise TimeoutError(f"{started.contender.name} has not sent what was edited.")


def _new_rule(days: int) -> IntervalSchedule:
    rule: IntervalSchedule = IntervalSchedule.objects.get_or_create(
        every=days, period=IntervalSchedule.DAYS
    )[0]
    return rule


def _due_in_fifty_minutes() -> float:
    """Return the instant at which something hourly is due that was sent ten minutes ago."""
    return time.time() + AN_HOUR_SECONDS - TEN_MINUTES_SECONDS
