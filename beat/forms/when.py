"""The form of when a schedule is due: one of four kinds of rule, written in place."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from beat.definition import ScheduleRow
from beat.editing.lines import LineError, parse_line
from beat.editing.words import EVENTS
from beat.editing.zone_names import zone_named
from beat.forms.dressing import dress
from beat.forms.instants import LocalTimeField, instant_of, local_of

KINDS = (
    ("crontab", "At certain times"),
    ("interval", "Every so often"),
    ("clocked", "Once"),
    ("solar", "By the sun"),
)
PERIODS = tuple((name, name) for name in ("seconds", "minutes", "hours", "days"))
# PostgreSQL's integer holds no more.
LARGEST = 2_147_483_647
# What each kind needs, and what is said when it is missing.
NEEDED = {
    "crontab": {"line": "Write when it is due: five fields such as 0 9 * * mon-fri, or @daily."},
    "interval": {"every": "Write a number, such as 10.", "period": "Choose a unit."},
    "clocked": {"at": "Write the date and the time at which it is due."},
    "solar": {
        "event": "Choose an event of the sun.",
        "latitude": "Write the latitude in degrees: 52.52 for Berlin.",
        "longitude": "Write the longitude in degrees: 13.405 for Berlin.",
    },
}
WITH_A_ZONE = {"crontab", "clocked"}


class WhenForm(forms.Form):
    """When it is due. `columns()` are the columns of the rule's row, for `rule_row`."""

    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect, initial="crontab")
    line = forms.CharField(
        required=False,
        max_length=1_000,
        strip=True,
        label="Crontab line",
        help_text="Minute, hour, day of month, month, day of week; or @daily, @hourly, @weekly.",
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "placeholder": "0 9 * * mon-fri",
            }
        ),
    )
    every = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST, label="Every", initial=10
    )
    period = forms.ChoiceField(required=False, choices=PERIODS, label="Unit", initial="minutes")
    at = LocalTimeField(required=False, label="Date and time")
    event = forms.ChoiceField(
        required=False, choices=[("", "Choose"), *EVENTS.items()], label="Event"
    )
    latitude = forms.DecimalField(
        required=False, min_value=-90, max_value=90, max_digits=9, decimal_places=6,
        help_text="In degrees; south is negative.",
    )  # fmt: skip
    longitude = forms.DecimalField(
        required=False, min_value=-180, max_value=180, max_digits=9, decimal_places=6,
        help_text="In degrees; west is negative.",
    )  # fmt: skip
    timezone = forms.CharField(
        required=False,
        max_length=63,
        label="Time zone",
        help_text="By whose clock it is due.",
        widget=forms.TextInput(
            {"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the site's zone; keep a period that is offered no more."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("timezone", settings.TIME_ZONE)
        if self.initial.get("period") == "microseconds":
            self.fields["period"].choices = [*PERIODS, ("microseconds",) * 2]  # type: ignore[attr-defined]
        dress(self)

    def clean_line(self) -> str:
        """Return the line as it is stored; raises ValidationError when it counts."""
        line: str = self.cleaned_data["line"]
        if line and self.cleaned_data.get("kind") == "crontab":
            try:
                return str(parse_line(line))
            except LineError as problem:
                raise forms.ValidationError(
                    str(problem), code="line", params={"suggestion": problem.suggestion}
                ) from None
        return line

    def clean_timezone(self) -> str:
        """Return the zone's name as the tz database writes it; raises ValidationError."""
        if self.cleaned_data.get("kind") not in WITH_A_ZONE:
            return str(settings.TIME_ZONE)
        try:
            return zone_named(self.cleaned_data["timezone"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values: what the kind needs is there."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, sentence in NEEDED.get(cleaned.get("kind", ""), {}).items():
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, sentence)
        if cleaned.get("kind") == "clocked" and cleaned.get("at") and cleaned.get("timezone"):
            try:
                cleaned["at"] = instant_of(cleaned["at"], ZoneInfo(cleaned["timezone"]))
            except forms.ValidationError as problem:
                self.add_error("at", problem)
        # What another kind would need is neither stored nor a mistake.
        return cleaned

    def columns(self) -> dict[str, Any]:
        """Return the columns of the rule's row; only for a valid form."""
        cleaned = self.cleaned_data
        if cleaned["kind"] == "crontab":
            fields = parse_line(cleaned["line"])
            return {**fields._asdict(), "timezone": ZoneInfo(cleaned["timezone"])}
        if cleaned["kind"] == "interval":
            return {"every": cleaned["every"], "period": cleaned["period"]}
        if cleaned["kind"] == "clocked":
            return {"clocked_time": cleaned["at"]}
        return {name: cleaned[name] for name in NEEDED["solar"]}

    def row_columns(self) -> dict[str, Any]:
        """Return the columns of a ScheduleRow that has this rule, saved or not."""
        columns = self.columns()
        if "timezone" in columns:
            columns["timezone"] = columns["timezone"].key
        return {f"{self.cleaned_data['kind']}_id": 0, **columns}


def initial_of(row: ScheduleRow) -> dict[str, Any]:
    """Return what the form shows of a schedule's rule."""
    if row.crontab_id is not None:
        fields = (row.minute, row.hour, row.day_of_month, row.month_of_year, row.day_of_week)
        line = " ".join(str(text).replace(" ", "") for text in fields)
        return {"kind": "crontab", "line": line, "timezone": row.timezone}
    if row.interval_id is not None:
        return {"kind": "interval", "every": row.every, "period": row.period}
    if row.clocked_id is not None:
        return {"kind": "clocked", "at": _local(row.clocked_time)}
    if row.solar_id is not None:
        place = {"latitude": _short(row.latitude), "longitude": _short(row.longitude)}
        return {"kind": "solar", "event": row.event, **place}
    return {}


def _local(instant: datetime | None) -> datetime | None:
    """Return an instant by the clock of the site, whose zone the form offers beside it."""
    return None if instant is None else local_of(instant, ZoneInfo(settings.TIME_ZONE))


def _short(angle: Decimal | None) -> str:
    return "" if angle is None else f"{angle:f}".rstrip("0").rstrip(".")
