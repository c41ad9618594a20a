"""Syncs at the same time: the second one waits and finds what the first one has written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.as_code.plan import Wishes
from beat.as_code.reading import read
from beat.as_code.syncing import sync

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SYNCS = 4
CONTENT = "schedules: {a: {task: x, when: {every: 1 day}}, b: {task: x, when: {every: 1 day}}}"


@pytest.mark.django_db(transaction=True)
def test_of_several_syncs_at_the_same_time_one_adds_and_the_others_find_it() -> None:
    ready = Barrier(SYNCS)

    def one() -> int:
        placed = read(CONTENT, "f", "UTC")
        ready.wait()
        try:
            asker = Asker.at_command_line("schedules file")
            return sync(placed, Wishes(), "f", asker, NOW).same
        finally:
            connection.close()

    with ThreadPoolExecutor(SYNCS) as pool:
        same = sorted(future.result() for future in [pool.submit(one) for _ in range(SYNCS)])
    assert same == [0, 2, 2, 2]
    assert PeriodicTask.objects.count() == 2
