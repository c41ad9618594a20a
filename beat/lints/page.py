"""The page of lints: how many schedules each one finds, and those of a chosen one."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.access.deciding import Act, allowed
from beat.definition import schedule_rows
from beat.editing.words import rule_in_words
from beat.lints.every import LINTS, lint_named, suspected
from beat.lints.lint import Lint
from beat.schedule_list.showing import site_zone

PAGE_SIZE = 50
# So many are counted; beyond, the page says "more".
COUNTED = 99
LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class Counted:
    """A lint, and how many schedules have it: at most so many are counted."""

    lint: Lint
    count: int

    @property
    def is_more(self) -> bool:
        """Return whether there are more than were counted."""
        return self.count > COUNTED


@dataclass(frozen=True)
class Linted:
    """A schedule that a lint has found something about."""

    schedule_id: int
    name: str
    when: str
    sentence: str


def lints(request: HttpRequest) -> TemplateResponse:
    """Return the page: of all lints, or of the one that `lint` in the address names."""
    if not request.user.has_perm(Act.VIEW):
        raise PermissionDenied
    now, key = timezone.now(), request.GET.get("lint", "")
    context = {
        **admin.site.each_context(request),
        "model_admin": admin.site.get_model_admin(PeriodicTask),
        "title": "Lints",
    }
    if not key:
        context["counted"] = [Counted(lint, _count(lint, now)) for lint in LINTS]
        return TemplateResponse(request, "beat/lints/all.html", context)
    lint = lint_named(key)
    if lint is None:
        raise Http404(f"There is no lint {key!r}.")
    context |= {"lint": lint, "title": lint.title, **_page(request, lint, now)}
    return TemplateResponse(request, "beat/lints/one.html", context)


def _count(lint: Lint, now: datetime) -> int:
    ids = suspected(lint, now).order_by().values_list("pk", flat=True)
    return len(ids[: COUNTED + 1])


def _page(request: HttpRequest, lint: Lint, now: datetime) -> dict[str, object]:
    """Return the schedules of one page; it reads one more than it shows, and counts none."""
    number = _page_number(request)
    first = (number - 1) * PAGE_SIZE
    seen = allowed(request.user, Act.VIEW, suspected(lint, now))
    ids = list(seen.values_list("pk", flat=True)[first : first + PAGE_SIZE + 1])
    return {
        "found": _found(lint, ids[:PAGE_SIZE], now),
        "number": number,
        "previous": _address(lint, number - 1) if number > 1 else "",
        "next": _address(lint, number + 1) if len(ids) > PAGE_SIZE else "",
    }


def _found(lint: Lint, ids: list[int], now: datetime) -> list[Linted]:
    rows = schedule_rows(ids)
    sentences = lint.judge(list(rows.values()), now)
    return [
        Linted(id_, rows[id_].name, rule_in_words(rows[id_], site_zone()), sentences[id_])
        for id_ in ids
        if id_ in sentences
    ]


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LAST_PAGE:
        raise Http404("There is no such page.")
    return int(text[:9])


def _address(lint: Lint, number: int) -> str:
    return f"?{urlencode({'lint': lint.key, 'page': number})}"
