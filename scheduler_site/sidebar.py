"""The menu of the admin: first what operators work with, in their words, then all that is left.

An app that registers a model gets its entry by itself.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


class Entry(NamedTuple):
    """One line of the menu: a model by its label, or a page by its address's name.

    A page names the permission that it needs; a model's are the admin's own.
    """

    title: str
    icon: str
    model: str = ""
    page: str = ""
    permission: str = ""


class Group(NamedTuple):
    """Some lines under a heading; a collapsible one is open only when a line of it is chosen."""

    title: str
    entries: tuple[Entry, ...]
    is_collapsible: bool = False


VIEW_SCHEDULES = "django_celery_beat.view_periodictask"
GROUPS = (
    Group(
        "Schedules",
        (
            Entry("Schedules", "schedule", model="django_celery_beat.periodictask"),
            Entry("Lints", "rule", page="admin:schedule_lints", permission=VIEW_SCHEDULES),
            Entry("Backfills", "history", model="beat.backfill"),
            Entry("Calendars", "event_busy", model="beat.calendar"),
            Entry("Tags", "sell", model="beat.tag"),
        ),
    ),
    Group(
        "Runs",
        (
            Entry("Runs", "play_circle", model="runs.run"),
            Entry("Alerts", "notifications", model="alerts.alert"),
            Entry("Workers", "memory", model="runs.worker"),
            Entry("Beats", "favorite", model="beat.beat"),
        ),
    ),
    Group(
        "People",
        (
            Entry("People", "person", model="auth.user"),
            Entry("Groups", "groups", model="auth.group"),
            Entry("Tokens", "key", model="beat.apitoken"),
            Entry("Trail", "policy", model="auditlog.logentry"),
        ),
    ),
    Group(
        "Shared rules of time",
        (
            Entry("Crontabs", "table_rows", model="django_celery_beat.crontabschedule"),
            Entry("Intervals", "timelapse", model="django_celery_beat.intervalschedule"),
            Entry("Times", "alarm", model="django_celery_beat.clockedschedule"),
            Entry("Solar events", "wb_twilight", model="django_celery_beat.solarschedule"),
        ),
        is_collapsible=True,
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu as unfold wants it, with what this person may open and no more."""
    # It asks for the permissions of every model.
    apps = admin.site.get_app_list(request)
    addresses = dict(_addresses(apps))
    groups = [
        _group(group.title, _items(group, addresses, request), group.is_collapsible)
        for group in GROUPS
    ]
    groups.extend(_left_over(apps))
    _choose_current(groups, request.path)
    return [group for group in groups if group["items"]]


def _addresses(apps: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield the label and the list's address of each model that this person may open."""
    for app in apps:
        for model in app["models"]:
            if model["admin_url"]:
                yield model["model"]._meta.label_lower, model["admin_url"]  # noqa: SLF001


def _items(group: Group, addresses: dict[str, str], request: HttpRequest) -> list[dict[str, Any]]:
    items = []
    for entry in group.entries:
        if entry.model in addresses:
            items.append(_item(entry.title, entry.icon, addresses[entry.model]))
        elif entry.page and request.user.has_perm(entry.permission):
            items.append(_item(entry.title, entry.icon, reverse(entry.page)))
    return items


def _left_over(apps: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield a group for each app with models that no group above names."""
    named = {entry.model for group in GROUPS for entry in group.entries}
    for app in apps:
        items = [
            _item(str(model["name"]), "folder", model["admin_url"])
            for model in app["models"]
            if model["admin_url"] and model["model"]._meta.label_lower not in named  # noqa: SLF001
        ]
        yield _group(str(app["name"]), items, is_collapsible=True)


def _choose_current(groups: list[dict[str, Any]], path: str) -> None:
    """Mark the line whose address the page's begins with; the longest, since they may be nested."""
    items = [item for group in groups for item in group["items"] if path.startswith(item["link"])]
    if items:
        max(items, key=lambda item: len(item["link"]))["active"] = True


def _group(title: str, items: list[dict[str, Any]], is_collapsible: bool) -> dict[str, Any]:
    return {"title": title, "collapsible": is_collapsible, "items": items}


def _item(title: str, icon: str, address: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": address, "active": False}
