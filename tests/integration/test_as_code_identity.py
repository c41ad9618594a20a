"""Export and sync are each other's opposite: what is exported syncs back to the same rows."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django_celery_beat.models import PeriodicTask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beat.access.asker import Asker
from beat.as_code.from_rows import stored_schedules
from beat.as_code.plan import Wishes
from beat.as_code.reading import Placed, read
from beat.as_code.schedule_text import ScheduleText
from beat.as_code.syncing import compare, sync
from beat.as_code.writing import written
from beat.models import CodeSchedule, Policy, ScheduleDetails
from tests.integration.file_schedules import schedule_texts

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILE = "schedules.yaml"
OWNERS = ("", "finance")
# So many schedules in all, about; FUZZ_EXAMPLES asks for more in a long run. Most of what an
# example costs does not depend on how many schedules are in it.
USUALLY = {"sqlite": 40, "postgresql": 15}
AT_ONCE = 5
ASKER = Asker.at_command_line("schedules file")
pytestmark = pytest.mark.django_db


class UndoneError(Exception):
    """Ends a transaction without a trace."""


def exported() -> str:
    """Return the file of all schedules."""
    found = stored_schedules(PeriodicTask.objects.all())
    return written([item.text for item in found if item.text is not None])


def rows() -> list[Any]:
    """Return all that an operator can set, but not who owns it or when it was written."""
    tasks = PeriodicTask.objects.order_by("pk").values()
    policies = Policy.objects.order_by("pk").values()
    details = ScheduleDetails.objects.order_by("pk").values_list("pk", "owner", "tags__name")
    left_out = {"date_changed"}
    return [
        [{name: row[name] for name in row if name not in left_out} for row in [*tasks, *policies]],
        sorted(details, key=repr),
    ]


def placed(texts: list[ScheduleText]) -> list[Placed]:
    """Return the schedules as from a file, each with a name and key of its own."""
    numbers = count()
    return [
        Placed(replace(text, key=f"key-{n}", name=f"{text.name[:150]} {n}"), FILE, 1, {})
        for text, n in zip(texts, numbers, strict=False)
    ]


@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", USUALLY[connection.vendor])) // AT_ONCE,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(schedule_texts(OWNERS), min_size=1, max_size=2 * AT_ONCE))
def test_what_is_exported_syncs_back_to_the_same_rows(texts: list[ScheduleText]) -> None:
    with pytest.raises(UndoneError), transaction.atomic():
        Group.objects.get_or_create(name="finance")
        sync(placed(texts), Wishes(), FILE, ASKER, NOW)
        # As if operators had made them.
        CodeSchedule.objects.all().delete()
        before, content = rows(), exported()
        again = read(content, FILE, "UTC")
        sync(again, Wishes({"*"}), FILE, ASKER, NOW)
        assert rows() == before
        assert not compare(again, Wishes(), FILE, NOW).is_different
        assert exported() == content
        PeriodicTask.objects.all().delete()
        sync(again, Wishes(), FILE, ASKER, NOW)
        assert exported() == content
        raise UndoneError


def test_the_order_of_an_export_does_not_depend_on_the_rows(tmp_path: Path) -> None:
    texts = "{task: x, when: {every: 1 day}}"
    sync(read(f"schedules: {{b: {texts}, a: {texts}, c: {texts}}}", FILE, "UTC"), Wishes(), FILE,
         ASKER, NOW)  # fmt: skip
    first = exported()
    PeriodicTask.objects.all().delete()
    sync(read(f"schedules: {{c: {texts}, b: {texts}, a: {texts}}}", FILE, "UTC"), Wishes(), FILE,
         ASKER, NOW)  # fmt: skip
    assert exported() == first
