"""The page of a schedule as a browser sees it: what its form holds, and posting it changed."""

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

FORM = "periodictask_form"
ADD = "admin:django_celery_beat_periodictask_add"
CHANGE = "admin:django_celery_beat_periodictask_change"


class FormReader(HTMLParser):
    """Reads what a browser would post of one form, untouched and without a button."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._is_within = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the value of a field."""
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._is_within = given.get("id") == FORM
        if not self._is_within:
            return
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.values:
                self.values[self._select] = given.get("value") or ""
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = ""

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        if given.get("type") not in {"checkbox", "radio"}:
            self.values[name] = given.get("value") or ""
        elif "checked" in given:
            self.values[name] = given.get("value") or "on"

    def handle_endtag(self, tag: str) -> None:
        """Leave a field."""
        self._textarea = "" if tag == "textarea" else self._textarea
        self._select = "" if tag == "select" else self._select
        self._is_within = self._is_within and tag != "form"

    def handle_data(self, data: str) -> None:
        """Collect the text of a text area, which begins after a line break."""
        if self._textarea:
            self.values[self._textarea] += data.lstrip("\r\n")


def address_of(schedule: PeriodicTask | None) -> str:
    """Return the address of the page."""
    return reverse(ADD) if schedule is None else reverse(CHANGE, args=[schedule.pk])


def form_of(client: Client, schedule: PeriodicTask | None = None) -> dict[str, Any]:
    """Return what the page's form posts when nobody touches it."""
    reader = FormReader()
    reader.feed(client.get(address_of(schedule)).content.decode())
    return reader.values


def post(client: Client, schedule: PeriodicTask | None = None, **changes: Any) -> HttpResponseBase:
    """Post the page's form with these changes; `when__line` stands for "when-line"."""
    values = form_of(client, schedule)
    if "task" in changes:
        # As the page does by itself: it asks for the fields of the chosen task.
        values |= {"arguments-task": str(changes["task"]).strip(), "arguments-mode": "fields"}
    values |= {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(address_of(schedule), {k: v for k, v in values.items() if v is not None})


def saves(client: Client, schedule: PeriodicTask | None = None, **changes: Any) -> PeriodicTask:
    """Post the page's form with these changes, and return the schedule that it saved."""
    answer = post(client, schedule, **changes)
    assert answer.status_code == 302, mistakes_of(answer)
    name = changes.get("name") or (schedule.name if schedule else "")
    return PeriodicTask.objects.get(name=name)


def mistakes_of(answer: Any) -> list[str]:
    """Return the sentences that the page says about what was posted."""
    found = re.findall(
        r'class="editor-(?:error|alert)[^>]*>(.*?)</(?:p|div)>', words_of(answer), re.DOTALL
    )
    return [" ".join(re.sub(r"<[^>]*>", " ", text).split()) for text in found]


def words_of(answer: Any) -> str:
    """Return the page as text."""
    text: str = answer.content.decode()
    return text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
