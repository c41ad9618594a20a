"""The five fields of a crontab in words, from the numbers that they stand for."""

from calendar import day_name, month_name
from collections.abc import Callable, Sequence

from beat.occurrences.crontab import FIELDS, LONGEST_MONTHS
from beat.occurrences.fields import numbers_of

# So many times of a day are told one by one.
TOLD_TIMES = 6
ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def crontab_in_words(fields: Sequence[str]) -> str:
    """Return minute, hour, day of month, month and day of week in words; raises CrontabError.

    "At 09:00 from Monday to Friday"; the same numbers make the same words, however written.
    """
    minutes, hours, days, months, weekdays = (
        sorted(numbers_of(field, text)) for field, text in zip(FIELDS, fields, strict=True)
    )
    on_days = _days(days, months, weekdays)
    times, is_told_daily = _times(minutes, hours, is_every_day=not on_days)
    if not on_days:
        return f"{times} every day" if is_told_daily else times
    return f"{times} {on_days}"


def _times(minutes: list[int], hours: list[int], *, is_every_day: bool) -> tuple[str, bool]:
    """Return the times of a day, and whether "every day" belongs to them."""
    if len(hours) == 24:
        return _minutes(minutes), False
    if len(minutes) * len(hours) <= TOLD_TIMES:
        return (
            f"At {_list([f'{hour:02}:{minute:02}' for hour in hours for minute in minutes])}",
            True,
        )
    if len(minutes) == 1 and (step := _step(hours, 24)):
        first, last = f"{hours[0]:02}:{minutes[0]:02}", f"{hours[-1]:02}:{minutes[0]:02}"
        return f"Every {step} hours from {first} to {last}", True
    if len(hours) == 1 and _runs(minutes) == [minutes]:
        return f"Every minute {_spans(hours, minutes, is_every_day)}", True
    if len(minutes) == 1:
        return f"Every hour {_spans(hours, minutes, is_every_day)}", True
    return f"{_minutes(minutes, is_told_from=True)} {_spans(hours, minutes, is_every_day)}", True


def _minutes(minutes: list[int], *, is_told_from: bool = False) -> str:
    """Return the minutes of an hour; what begins later than it may be told by the times."""
    if len(minutes) == 60:
        return "Every minute"
    if len(minutes) == 1:
        return f"Every hour at minute {minutes[0]}" if minutes[0] else "Every hour on the hour"
    if step := _step(minutes, 60):
        is_plain = is_told_from or not minutes[0]
        return f"Every {step} minutes{'' if is_plain else f', beginning at minute {minutes[0]}'}"
    return f"At the minutes {_ranges(minutes, str)} of each hour"


def _spans(hours: list[int], minutes: list[int], is_every_day: bool) -> str:
    """Return the first and last time of each span of hours: "from 09:00 to 17:45"."""
    runs = _runs(hours)
    # Over midnight 22, 23, 0, 1 is one span, but "22:00 to 01:59 on Monday" would mislead.
    if is_every_day and len(runs) > 1 and runs[0][0] == 0 and runs[-1][-1] == 23:
        runs = [*runs[1:-1], [*runs[-1], *runs[0]]]
    spans = [f"from {run[0]:02}:{minutes[0]:02} to {run[-1]:02}:{minutes[-1]:02}" for run in runs]
    return _list(spans)


def _days(days: list[int], months: list[int], weekdays: list[int]) -> str:
    """Return the days in words; "" for every day of the year."""
    all_months = len(months) == 12
    in_months = "" if all_months else f" {_in_months(months)}"
    if len(days) == 31 and len(weekdays) == 7:
        return f"every day{in_months}" if in_months else ""
    if len(days) == 31:
        return f"{_weekdays(weekdays)}{in_months}"
    of_month = " of each month" if all_months else f" of {_ranges(months, lambda n: month_name[n])}"
    dates = f"on the {_ranges(days, _ordinal)}{of_month}"
    left_out = _left_out(days, months)
    if len(weekdays) == 7:
        return f"{dates}{left_out}"
    return f"{dates} when that is a {_list([_weekday(n) for n in _from_monday(weekdays)], 'or')}"


def _in_months(months: list[int]) -> str:
    told = _ranges(months, lambda number: month_name[number])
    return f"from {told}" if len(months) > 2 and _runs(months) == [months] else f"in {told}"


def _weekdays(weekdays: list[int]) -> str:
    ordered = _from_monday(weekdays)
    if ordered == [1, 2, 3, 4, 5]:
        return "from Monday to Friday"
    return f"on {_ranges(ordered, _weekday)}"


def _from_monday(weekdays: list[int]) -> list[int]:
    return sorted(number or 7 for number in weekdays)


def _left_out(days: list[int], months: list[int]) -> str:
    """Return what a rule on the last days does in months that lack them."""
    if len(days) == 1 and any(LONGEST_MONTHS[month - 1] < days[0] for month in months):
        return " (not in months without it)"
    if days == [29] and 2 in months:
        return " (in February in leap years only)"
    return ""


def _step(numbers: list[int], whole: int) -> int:
    """Return the even step that goes on without a break over the whole, or 0."""
    if len(numbers) < 2:
        return 0
    step = numbers[1] - numbers[0]
    even = list(range(numbers[0], whole, step))
    return step if numbers == even and whole % step == 0 and step > 1 else 0


def _runs(numbers: list[int]) -> list[list[int]]:
    """Return the numbers as sequences without a gap."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _ranges(numbers: list[int], name: Callable[[int], str]) -> str:
    """Return the numbers by name, three or more in a row as "from ... to"."""
    told: list[str] = []
    for run in _runs(numbers):
        if len(run) > 2:
            told.append(f"{name(run[0])} to {name(run[-1])}")
        else:
            told.extend(name(number) for number in run)
    return _list(told)


def _list(texts: list[str], word: str = "and") -> str:
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def _weekday(number: int) -> str:
    return day_name[(number + 6) % 7]


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ENDINGS.get(number % 10, 'th')}"
