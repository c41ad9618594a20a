"""Values as people read them, the same on the page, in the PDF and on charts. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.reports.values import Cell, ValueType

NOT_KNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
NUMBERS = (ValueType.WHOLE, ValueType.DECIMAL, ValueType.DURATION)


def shown(value: Cell, zone: str, digits: int = 1) -> str:
    """Return `value` as text: "1,234", "12.5", "21 Nov 2026, 14:05", "3 min 20 s"; a dash for None.

    Instants are shown in `zone`; `digits` count for floats.
    """
    match value:
        case None:
            return NOT_KNOWN
        case str():
            return value
        case datetime():
            local = value.astimezone(ZoneInfo(zone))
            return f"{local.day} {local:%b %Y, %H:%M}"
        case date():
            return f"{value.day} {value:%b %Y}"
        case timedelta():
            return _duration(value)
        case int():
            return f"{value:,}".replace("-", MINUS)
        case _:
            return shown_decimal(float(value), digits)


def shown_decimal(value: float, digits: int) -> str:
    """Return a decimal with a fixed number of digits; what rounds to zero has no sign."""
    # Adding 0.0 turns the float -0.0 into 0.0.
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", MINUS)


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    if seconds < 0:
        return MINUS + _duration(-value)
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    return f"{minutes // 60:,} h {minutes % 60} min"
