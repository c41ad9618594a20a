"""The rule of a schedule, between a file's words and the columns of its row.

crontab: "0 9 * * mon-fri"       every: 10 minutes       at: 2026-12-24T18:00:00+01:00
timezone: Europe/Berlin          solar: {event: sunset, latitude: 52.5, longitude: 13.4}
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from beat.as_code.problems import WrongValueError
from beat.editing.lines import FiveFields, LineError, parse_line
from beat.editing.rules import without_seven
from beat.occurrences import CrontabError
from beat.occurrences.crontab import FIELDS
from beat.occurrences.fields import numbers_of
from beat.occurrences.interval import PERIODS
from beat.occurrences.zones import zone_of

# Degrees as the columns hold them.
PLACE = Decimal("0.000001")
EVERY = re.compile(r"([0-9]{1,9}) +([a-z]+)")
KINDS = ("crontab", "every", "at", "solar")


def rule_of_words(words: Any, default_zone: str) -> dict[str, Any]:
    """Return the rule's columns with their kind; raises WrongValueError with a sentence."""
    if not isinstance(words, Mapping):
        raise WrongValueError('Write when it is due, such as {crontab: "0 9 * * mon-fri"}.')
    said = [kind for kind in KINDS if kind in words]
    if len(said) != 1:
        raise WrongValueError(
            f"Write one of {', '.join(KINDS)}; here are {', '.join(said) or 'none'}."
        )
    [kind] = said
    zones = {"timezone"} if kind in {"crontab", "at"} else set()
    if unknown := sorted(map(str, words.keys() - {kind} - zones)):
        raise WrongValueError(f"{unknown[0]!r} does not belong to {kind!r}; leave it out.")
    zone = _text(words.get("timezone", default_zone), "timezone")
    return READERS[kind](words[kind], zone)


def words_of_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file says for the rule's columns."""
    if rule["kind"] == "crontab":
        return {"crontab": _line_of(rule), "timezone": rule["timezone"]}
    if rule["kind"] == "interval":
        period = rule["period"]
        return {"every": f"{rule['every']} {period[:-1] if rule['every'] == 1 else period}"}
    if rule["kind"] == "clocked":
        return {"at": text_of_instant(rule["clocked_time"])}
    place = {name: float(rule[name]) for name in ("latitude", "longitude")}
    return {"solar": {"event": rule["event"], **place}}


def crontab_rule(fields: FiveFields, zone: str) -> dict[str, Any]:
    """Return the columns of five fields, in lower case, Sunday as 0, no blanks in a field.

    Where a blank means something to Celery, which ignores what follows a number, it stays.
    """
    bare = FiveFields(*("".join(text.split()).lower() for text in fields))
    chosen = bare if _meaning_of(bare) == _meaning_of(fields) else fields
    chosen = chosen._replace(day_of_week=without_seven(chosen.day_of_week))
    return {"kind": "crontab", **chosen._asdict(), "timezone": zone}


def _meaning_of(fields: FiveFields) -> object:
    """Return the numbers of the fields, or nothing where they cannot be read."""
    try:
        return [numbers_of(field, text) for field, text in zip(FIELDS, fields, strict=True)]
    except CrontabError:
        return None


def text_of_instant(instant: datetime) -> str:
    """Return an instant in UTC as ISO 8601 writes it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_of(value: Any, zone: str = "") -> datetime:
    """Return the instant (UTC) of an ISO text; raises WrongValueError.

    A local time needs a zone.
    """
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise WrongValueError(
            f"The instant {value!r} cannot be read; write one such as 2026-12-24T18:00:00Z."
        ) from None
    if instant.tzinfo is None:
        if not zone:
            raise WrongValueError(
                f"The instant {value} has no offset from UTC; write {value}Z, or {value}+01:00."
            )
        instant = instant.replace(tzinfo=zone_of(zone))
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise WrongValueError(f"The instant {value} is outside of the calendar.") from None


def _crontab(value: Any, zone: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return crontab_rule(_five(value), zone)
    try:
        fields = parse_line(_text(value, "crontab"))
    except LineError as problem:
        meant = f" Perhaps: {problem.suggestion}" if problem.suggestion else ""
        raise WrongValueError(f"{problem}{meant}") from None
    return crontab_rule(fields, zone)


def _five(value: Mapping[str, Any]) -> FiveFields:
    if set(value) != set(FiveFields._fields):
        raise WrongValueError(f"Write a line, or all of {', '.join(FiveFields._fields)}.")
    return FiveFields(*(_text(str(value[name]), name) for name in FiveFields._fields))


def _every(value: Any, _zone: str) -> dict[str, Any]:
    match = EVERY.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    period = f"{match[2].removesuffix('s')}s" if match is not None else ""
    if match is None or period not in PERIODS:
        raise WrongValueError(
            f"Write a number and one of {', '.join(PERIODS)}, such as 10 minutes."
        )
    return {"kind": "interval", "every": int(match[1]), "period": period}


def _at(value: Any, zone: str) -> dict[str, Any]:
    return {"kind": "clocked", "clocked_time": instant_of(value, zone)}


def _solar(value: Any, _zone: str) -> dict[str, Any]:
    names = ("event", "latitude", "longitude")
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise WrongValueError("Write {event: sunset, latitude: 52.5, longitude: 13.4}.")
    place = {name: _degrees(value[name], name) for name in names[1:]}
    return {"kind": "solar", "event": _text(value["event"], "event"), **place}


def _degrees(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 180:
        raise WrongValueError(
            f"The {name} {value!r} is no number of degrees; write one such as 52.5."
        )
    return Decimal(repr(value)).quantize(PLACE)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise WrongValueError(f'The {name} {value!r} is no text; write it in quotes: "{value}".')
    return value


def _line_of(rule: Mapping[str, Any]) -> str | dict[str, str]:
    """Return the line; the fields one by one where Celery reads what a line does not say."""
    fields = FiveFields(*(rule[name] for name in FiveFields._fields))
    try:
        is_line = parse_line(str(fields)) == fields
    except LineError:
        is_line = False
    return str(fields) if is_line else fields._asdict()


READERS: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "crontab": _crontab,
    "every": _every,
    "at": _at,
    "solar": _solar,
}
