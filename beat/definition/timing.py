"""When a schedule is due: its rule within its bounds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beat.definition.rows import ScheduleRow
from beat.definition.rule import crontab_fields, kinds_of, rule_of
from beat.occurrences import Rule

# The smallest step of time that datetime and PostgreSQL know.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Timing:
    """A rule and its bounds: nothing is due before `starts_at`, nor at or after `expires_at`.

    `text` is the canonical text of all that decides when the schedule is due.
    """

    rule: Rule
    text: str
    starts_at: datetime | None
    expires_at: datetime | None
    one_off: bool

    def next(self, after: datetime) -> datetime | None:
        """Return the first occurrence after `after`, or None when there is none any more."""
        if self.starts_at is not None and self.starts_at > after:
            after = self.starts_at - INSTANT
        due_at = self.rule.next(after)
        if due_at is None or (self.expires_at is not None and due_at >= self.expires_at):
            return None
        return due_at


def timing_of(row: ScheduleRow, anchor_at: datetime | None) -> Timing:
    """Return when the schedule is due; raises BrokenScheduleError.

    An interval without a start time counts from `anchor_at`, which it therefore needs.
    """
    return Timing(
        rule=rule_of(row, anchor_at),
        text=timing_text(row),
        starts_at=row.start_time,
        expires_at=row.expires,
        one_off=row.one_off or row.clocked_id is not None,
    )


def timing_text(row: ScheduleRow) -> str:
    """Return what decides when the schedule is due, as text; its first line is the rule's.

    It is made of any row, also of a broken one: equal texts mean equal timing.
    """
    lines = [rule_text(row)]
    if row.start_time is not None:
        lines.append(f"from {_iso(row.start_time)}")
    if row.expires is not None:
        lines.append(f"until {_iso(row.expires)}")
    if row.one_off:
        lines.append("once")
    if not row.enabled:
        lines.append("disabled")
    return "\n".join(lines)


def rule_text(row: ScheduleRow) -> str:
    """Return the rule as one line of text; "no rule" or several kinds for a broken schedule."""
    texts = [" ".join(_texts_of(row, kind)) for kind in kinds_of(row)]
    return (" and ".join(texts) or "no rule").replace("\n", " ")


def anchor_of(
    row: ScheduleRow, old_rule_text: str, old_anchor_at: datetime | None, now: datetime
) -> datetime | None:
    """Return from where the schedule's interval counts, or None for another kind of rule.

    The anchor stays while the rule does, so that neither a restart nor an edit shifts it.
    """
    if row.interval_id is None:
        return None
    if row.start_time is not None:
        return row.start_time
    # One in the future is left from a start time that was removed.
    is_kept = old_anchor_at is not None and old_anchor_at <= now and old_rule_text == rule_text(row)
    return old_anchor_at if is_kept else now


def _texts_of(row: ScheduleRow, kind: str) -> list[str]:
    if kind == "interval":
        return [kind, str(row.every), str(row.period)]
    if kind == "solar":
        return [kind, str(row.event), str(row.latitude), str(row.longitude)]
    if kind == "clocked":
        return [kind, _iso(row.clocked_time) if row.clocked_time else "never"]
    choices = f"gap={row.in_gap} repeated={row.repeated}"
    return [kind, *map(str, crontab_fields(row)), str(row.timezone), choices]


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
