"""The trail: who changed a row, when, from where, and what it was before.

The entries are django-auditlog's. `beat.audit` shows them and writes those of schedules.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from jobs.runs.remote_address import remote_address

# A value beyond it is shortened in the trail; that it changed is seen nevertheless.
LONGEST_VALUE = 2_000

# A row's values as texts, by their names; empty for a row that there is not.
Picture = dict[str, str]


def picture_of(row: Model, left_out: Collection[str] = ()) -> Picture:
    """Return all columns of a row but its key and those left out, and what it is linked to."""
    options = row._meta  # noqa: SLF001  # documented
    fields = [one for one in options.concrete_fields if not one.primary_key]
    kept = [one for one in fields if one.name not in left_out]
    links = [one for one in options.many_to_many if one.name not in left_out]
    return {
        **{str(one.verbose_name).lower(): text_of(_shown(row, one.name)) for one in kept},
        **{str(one.verbose_name).lower(): _names(getattr(row, one.name).all()) for one in links},
    }


def record(
    request: HttpRequest,
    row: Model,
    before: Picture,
    after: Picture,
    *,
    action: str = "",
    name: str = "",
) -> None:
    """Write an entry with the difference, if there is one; belongs into the same transaction.

    `name` is what the trail calls the row, if not by its own words.
    """
    changes = {
        name: [_short(before.get(name, "")), _short(after.get(name, ""))]
        for name in dict.fromkeys([*before, *after])
        if before.get(name, "") != after.get(name, "")
    }
    if not changes:
        return
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(row),
        object_pk=str(row.pk),
        object_id=row.pk,
        object_repr=name or str(row),
        action=_kind(before, after),
        changes=changes,
        actor_id=request.user.pk,
        remote_addr=remote_address(request) or None,
        additional_data={
            "action": action or ("edit" if before and after else "add" if after else "delete"),
            "by": request.user.get_username(),
            "origin": "admin",
            "address": remote_address(request),
        },
        timestamp=timezone.now(),
    )


def text_of(value: Any) -> str:
    """Return a value in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        # Forms know whole seconds only, and would seem to change the rest.
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _shown(row: Model, name: str) -> Any:
    """Return a column's value; of a choice what people call it."""
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else getattr(row, name)


def _names(rows: Collection[Model]) -> str:
    return ", ".join(sorted(map(str, rows)))


def _kind(before: Picture, after: Picture) -> int:
    if not before:
        return int(LogEntry.Action.CREATE)
    return int(LogEntry.Action.UPDATE if after else LogEntry.Action.DELETE)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}… (shortened)"
