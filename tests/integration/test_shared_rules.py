"""Rows of rules are found, made and cleaned up; none is deleted under a schedule, whoever races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule

from beat.editing.rules import clean_up_unused_rules, rule_row, rules_of

HOURLY = {"every": 1, "period": "hours"}


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Return threads, each with a connection of its own."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


def in_thread(work: Any) -> Any:
    """Return the work with its connection closed at the end."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return run


@pytest.mark.django_db
def test_of_the_rules_let_go_unused_ones_go_and_no_others() -> None:
    used = IntervalSchedule.objects.create(**HOURLY)
    schedule = PeriodicTask.objects.create(name="Hourly", task="cleanup.run", interval=used)
    left = IntervalSchedule.objects.create(every=2, period="hours")
    elsewhere = [
        IntervalSchedule.objects.create(every=3, period="hours"),
        CrontabSchedule.objects.create(minute="1"),
    ]
    assert rules_of([schedule.pk])["interval"] == {used.pk}
    assert clean_up_unused_rules({"interval": {used.pk, left.pk}}) == 1
    assert [*IntervalSchedule.objects.order_by("every"), *CrontabSchedule.objects.all()] == [
        used,
        *elsewhere,
    ]


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_somebody_is_about_to_use_is_not_cleaned_up(
    threads: ThreadPoolExecutor,
) -> None:
    rule = IntervalSchedule.objects.create(**HOURLY)
    has_chosen, is_cleaned = Event(), Event()

    def use() -> None:
        with transaction.atomic():
            chosen = rule_row("interval", HOURLY)
            has_chosen.set()
            # On SQLite the cleaner waits for this transaction, on PostgreSQL it passes the row by.
            is_cleaned.wait(0 if connection.vendor == "sqlite" else 20)
            PeriodicTask.objects.create(name="Hourly", task="cleanup.run", interval=chosen)

    def clean() -> int:
        assert has_chosen.wait(20)
        try:
            return clean_up_unused_rules({"interval": [rule.pk]})
        finally:
            is_cleaned.set()

    using, cleaning = threads.submit(in_thread(use)), threads.submit(in_thread(clean))
    using.result()
    assert cleaning.result() == 0
    assert PeriodicTask.objects.get().interval == rule


@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_is_saved_while_rules_are_cleaned_up_keeps_its_rule(
    threads: ThreadPoolExecutor,
) -> None:
    both = Barrier(2)

    def use(number: int) -> None:
        both.wait(20)
        with transaction.atomic():
            row = rule_row("interval", {"every": number, "period": "hours"})
            PeriodicTask.objects.create(name=f"S{number}", task="cleanup.run", interval=row)

    def clean() -> None:
        both.wait(20)
        clean_up_unused_rules({"interval": ids})

    for number in range(1, 11):
        ids = [IntervalSchedule.objects.create(every=number, period="hours").pk]
        racing = [
            threads.submit(in_thread(lambda number=number: use(number))),
            threads.submit(in_thread(clean)),
        ]
        for each in racing:
            each.result()
    assert PeriodicTask.objects.filter(interval__isnull=False).count() == 10


@pytest.mark.django_db(transaction=True)
def test_two_that_make_the_same_place_at_once_share_it(threads: ThreadPoolExecutor) -> None:
    both = Barrier(2)

    def make() -> Any:
        both.wait(20)
        with transaction.atomic():
            return rule_row("solar", {"event": "sunset", "latitude": 52, "longitude": 13}).pk

    racing = [threads.submit(in_thread(make)) for _ in range(2)]
    assert len({each.result() for each in racing}) == 1
    assert SolarSchedule.objects.count() == 1
