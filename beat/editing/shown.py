"""What the page shows of an edit before it is saved: words, instants, changes, what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from beat.definition import BrokenScheduleError, ScheduleRow
from beat.editing.changes import in_words
from beat.editing.editor import Editor
from beat.editing.preview import NOTHING_BY_HAND, Upcoming, upcoming_of
from beat.editing.words import rule_in_words
from beat.editing.zone_names import zone_named

SHOWN = 10
# In this order: the first mistake is told, and it is mostly the one that was just made.
TIMING_FIELDS = ("line", "every", "period", "at", "event", "latitude", "longitude", "timezone")


@dataclass(frozen=True)
class Instant:
    """One row of the preview: the instant by each clock."""

    at: str
    local: tuple[str, ...]
    is_skipped: bool
    remark: str


@dataclass(frozen=True)
class Preview:
    """The preview of an edit. With a `problem` there are no instants."""

    words: str = ""
    zones: tuple[str, ...] = ()
    instants: tuple[Instant, ...] = ()
    changes: str = ""
    remark: str = ""
    problem: str = ""
    suggestion: str = ""


def preview_of(
    editor: Editor, browser_zone: str = "", by_hand: Mapping[datetime, str] = NOTHING_BY_HAND
) -> Preview:
    """Return what is shown of the editor's forms, empty, stored or just typed."""
    row = editor.preview_row
    if row is None:
        return _problem(editor)
    try:
        upcoming = upcoming_of(row, editor.now, SHOWN, editor.timer_facts(row), by_hand)
    except BrokenScheduleError as broken:
        return Preview(problem=broken.text)
    zones = _zones(row, browser_zone)
    found = editor.changes()
    return Preview(
        words=f"{rule_in_words(row, _clock_of_words(editor, row))}.",
        zones=tuple(zones),
        instants=tuple(_instants(upcoming, list(zones.values()), editor.now)),
        changes=in_words(found, next(iter(zones.values()))) if found else "",
        remark=_remark(editor, row, upcoming),
    )


def _problem(editor: Editor) -> Preview:
    if editor.data is None:
        return Preview()
    for error in _errors(editor):
        suggestion = (error.params or {}).get("suggestion", "")
        return Preview(problem=" ".join(error.messages), suggestion=suggestion)
    return Preview()


def _errors(editor: Editor) -> Iterator[Any]:
    """Yield what keeps the instants from being worked out."""
    for name in TIMING_FIELDS:
        yield from editor.when.errors.get(name, editor.when.error_class()).as_data()
    for form in (editor.schedule, editor.policy):
        for name in form.errors:
            if form is editor.policy or name in {"start_time", "expires"}:
                yield from form.errors[name].as_data()


def _clock_of_words(editor: Editor, row: ScheduleRow) -> ZoneInfo | None:
    """Return the zone in which a one-off is told: the one that the form names."""
    if row.clocked_id is None:
        return None
    cleaned = getattr(editor.when, "cleaned_data", {})
    return ZoneInfo(cleaned.get("timezone") or settings.TIME_ZONE)


def _zones(row: ScheduleRow, browser_zone: str) -> dict[str, ZoneInfo]:
    """Return the zones of the columns by their headings, none of them twice."""
    own = row.timezone or settings.TIME_ZONE
    try:
        mine, whose = zone_named(browser_zone), " (you)"
    except ValueError:
        mine, whose = settings.TIME_ZONE, ""
    zones = {own: ZoneInfo(own)}
    if mine != own:
        zones[f"{mine}{whose}"] = ZoneInfo(mine)
    if "UTC" not in {own, mine}:
        zones["UTC"] = ZoneInfo("UTC")
    return zones


def _instants(upcoming: list[Upcoming], zones: list[ZoneInfo], now: datetime) -> Iterator[Instant]:
    # Seconds only where one of them needs them, so that all rows look alike.
    has_seconds = any(each.due_at.second or each.due_at.microsecond for each in upcoming)
    for each in upcoming:
        local = tuple(_local(each.due_at, zone, now, has_seconds) for zone in zones)
        at = f"{each.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        yield Instant(at, local, each.is_skipped, each.why or each.note)


def _local(instant: datetime, zone: ZoneInfo, now: datetime, has_seconds: bool) -> str:
    local = instant.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    seconds = f":{local:%S}" if has_seconds else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}{seconds}"


def _remark(editor: Editor, row: ScheduleRow, upcoming: list[Upcoming]) -> str:
    if not row.enabled:
        return "The schedule is switched off: none of these runs."
    if not upcoming:
        return "Nothing is due any more."
    is_counted_from_now = row.interval_id is not None and row.start_time is None
    if is_counted_from_now and editor.timer_facts(row).anchor_at in {None, editor.now}:
        return "Counted from the moment at which you save it."
    return ""
