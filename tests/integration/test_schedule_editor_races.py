"""Two people save the page of one schedule, or two schedules of one name, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_celery_beat.models import PeriodicTask

from tests.conftest import People
from tests.integration.editor_page import address_of, form_of, mistakes_of, saves

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(post: Callable[[int], Any]) -> list[Any]:
    """Return what both of two posts were answered, each by a connection of its own."""
    both = Barrier(2)

    def run(number: int) -> Any:
        try:
            both.wait(20)
            return post(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as executor:
        return list(executor.map(run, (1, 2)))


def signed_in(people: People) -> Client:
    """Return another browser of the admin."""
    client = Client()
    client.force_login(people.admin)
    return client


def test_of_two_edits_at_once_one_is_saved_and_the_other_is_told(people: People) -> None:
    first = signed_in(people)
    schedule = saves(first, name="Daily", task="cleanup.run", when__line="0 9 * * *")
    browsers = {1: first, 2: signed_in(people)}
    forms = {number: form_of(browser, schedule) for number, browser in browsers.items()}

    def post(number: int) -> Any:
        changed = forms[number] | {"description": f"By {number}"}
        return browsers[number].post(address_of(schedule), changed)

    answers = at_once(post)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    [told] = [answer for answer in answers if answer.status_code == 200]
    assert "Somebody has changed this schedule" in str(mistakes_of(told))
    schedule.refresh_from_db()
    assert schedule.description == f"By {1 if told is answers[1] else 2}"


def test_of_two_new_schedules_of_one_name_one_is_saved_and_the_other_is_told(
    people: People,
) -> None:
    browsers = {1: signed_in(people), 2: signed_in(people)}
    filled = {
        "name": "Same",
        "task": "cleanup.run",
        "when-line": "@daily",
        "arguments-task": "cleanup.run",
        "arguments-mode": "fields",
    }
    forms = {number: form_of(browser) | filled for number, browser in browsers.items()}
    answers = at_once(lambda number: browsers[number].post(address_of(None), forms[number]))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    [told] = [answer for answer in answers if answer.status_code == 200]
    assert "name" in str(mistakes_of(told)).lower()
    assert PeriodicTask.objects.count() == 1
