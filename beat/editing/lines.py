"""A crontab line as a person writes or pastes it, read into its five fields.

Stricter than beat, which reads what Celery reads: Celery takes `fri#3` for Friday and `*/5.5` for
`*/5`. Whoever writes such a line means something else, and is told so.
"""

import re
from typing import NamedTuple

from beat.occurrences import CrontabError
from beat.occurrences.crontab import FIELDS
from beat.occurrences.fields import DAY_OF_WEEK, MONTH, MONTHS, WEEKDAYS, Field, numbers_of


class FiveFields(NamedTuple):
    """The fields of a crontab line, named and in the order of a line; texts without blanks."""

    minute: str
    hour: str
    day_of_month: str
    month_of_year: str
    day_of_week: str

    def __str__(self) -> str:
        return " ".join(self)


class LineError(ValueError):
    """A line that cannot be used. `suggestion` is a line that may have been meant, or ""."""

    def __init__(self, sentence: str, suggestion: str = "") -> None:
        super().__init__(sentence)
        self.suggestion = suggestion


EXAMPLE = "0 9 * * mon-fri"
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# The columns of django-celery-beat's CrontabSchedule hold no more.
LONGEST = FiveFields("240", "96", "124", "64", "64")
VALUE = r"(?:[0-9]{1,4}|[a-z]+)"
PART = re.compile(rf"(?:\*|(?P<first>{VALUE})(?:-(?P<last>{VALUE}))?)(?:/(?P<step>[0-9]{{1,4}}))?")
LOOKS_LIKE_A_FIELD = re.compile(r"[0-9*?/,#LW-]+|[a-z,-]{3,}", re.IGNORECASE)
# Of other crons; none of them has a counterpart in Celery's language.
FOREIGN = {
    re.compile(r"\?"): "Write * for any value.",
    re.compile(r"#"): "A weekday of a certain week is written with its days: 15-21 as day of month "
    "and fri as day of week is the third Friday.",
    re.compile(r"~"): "A value by chance cannot be written; set a jitter in the policy instead.",
    re.compile(
        r"^\d*l$|^l-"
    ): "The last day cannot be written; 28 is the last that each month has.",
    re.compile(r"^\d*l?w$"): "The nearest weekday cannot be written; write mon-fri as day of week.",
}


def parse_line(text: str) -> FiveFields:
    """Return the five fields of a line in lower case; raises LineError, a ValueError.

    `@daily` and its like, extra blanks, and blanks after commas are fine.
    """
    line = re.sub(r"\s*,\s*", ",", text.replace("\N{NO-BREAK SPACE}", " ")).strip()
    if not line:
        raise LineError(f"Write when it is due: five fields such as {EXAMPLE}, or @daily.")
    if line.startswith("@"):
        return _of_nickname(line)
    if line.startswith("#") or re.match(r"[A-Za-z_]+\s*=", line):
        raise LineError(f"This is a comment or a variable of a crontab; write a line as {EXAMPLE}.")
    texts = line.split()
    if len(texts) != len(FIELDS):
        raise _wrong_count(texts)
    fields = FiveFields(*(text.lower() for text in texts))
    check_fields(fields)
    return fields


def check_fields(fields: FiveFields) -> None:
    """Raise LineError for a field that cannot be used, or that beat would read otherwise."""
    for field, text, longest in zip(FIELDS, fields, LONGEST, strict=True):
        if len(text) > int(longest):
            raise LineError(f"The {field.name} is longer than {longest} characters; shorten it.")
        for part in text.split(","):
            _check_part(field, part)
        try:
            numbers_of(field, text)
        except CrontabError as problem:
            raise LineError(str(problem)) from None


def _of_nickname(line: str) -> FiveFields:
    name, *rest = line.lower().split()
    if name == "@reboot":
        raise LineError(
            "@reboot means the start of a machine, which is no time; choose times, or an interval."
        )
    if name == "@every":
        raise LineError("@every is an interval: choose 'Every so often' above and write how long.")
    if name not in NICKNAMES:
        raise LineError(f"{name} is unknown; write one of {', '.join(NICKNAMES)}, or five fields.")
    if rest:
        raise _command_follows(name, " ".join(rest))
    return FiveFields(*NICKNAMES[name].split())


def _wrong_count(texts: list[str]) -> LineError:
    count = len(texts)
    if count < len(FIELDS):
        return LineError(
            f"The line has {count} of five fields: minute, hour, day of month, month, day of week."
        )
    if count <= 7 and all(LOOKS_LIKE_A_FIELD.fullmatch(text) for text in texts[5:]):
        without_seconds = " ".join(texts[1:6]).replace("?", "*")
        return LineError(
            f"The line has {count} fields instead of five; other crons have one for seconds in "
            "front or one for years at the end. Write minute, hour, day of month, month, day of "
            "week.",
            without_seconds if _is_fine(without_seconds) else "",
        )
    return _command_follows(" ".join(texts[:5]), " ".join(texts[5:]))


def _command_follows(line: str, command: str) -> LineError:
    shown = command if len(command) <= 60 else f"{command[:57]}..."
    return LineError(
        f"After the times a command follows ({shown}). A schedule runs a task instead: choose the "
        "task, and write only the times here.",
        line if _is_fine(line) else "",
    )


def _is_fine(line: str) -> bool:
    try:
        parse_line(line)
    except LineError:
        return False
    return True


def _check_part(field: Field, part: str) -> None:
    match = PART.fullmatch(part)
    if match is None:
        raise LineError(f"The {field.name} {part!r} cannot be read. {_advice(field, part)}")
    if match["step"] and match["first"] and not match["last"]:
        whole = f"{part.split('/', maxsplit=1)[0]}-{field.largest}/{match['step']}"
        raise LineError(f"The {field.name} {part!r} lacks an end before '/'; write {whole}.")
    for value in (match["first"], match["last"]):
        if value and not value.isdigit():
            _check_name(field, value)


def _check_name(field: Field, name: str) -> None:
    known = {MONTH: MONTHS, DAY_OF_WEEK: WEEKDAYS}.get(field, ())
    if not any(_is_called(short, name) for short in known):
        examples = f"a number or a name such as {known[1]}" if known else "a number"
        raise LineError(
            f"The {field.name} {name!r} is unknown; write {examples}. {_foreign(name)}".rstrip()
        )


def _is_called(short: str, name: str) -> bool:
    """Tell whether a name is a month's or a weekday's, in full or cut off after three letters."""
    return any(full.startswith(name) for full in FULL_NAMES if full[:3] == short and len(name) >= 3)


FULL_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "sunday", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday",
)  # fmt: skip


def _advice(field: Field, part: str) -> str:
    if not part:
        return "Write a number between commas."
    return _foreign(part) or f"Write * or numbers: {field.smallest}-{field.largest}, 1,2 or */5."


def _foreign(part: str) -> str:
    return next((advice for sign, advice in FOREIGN.items() if sign.search(part)), "")
