"""How pages write a duration and an instant."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince, timeuntil

register = template.Library()

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600


@register.filter
def duration(value: timedelta | None) -> str:
    """Return a duration for people: "0.42 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if value is None:
        return ""
    seconds = value.total_seconds()
    if seconds < 10:
        return f"{seconds:.2f} s"
    # Rounded first: else 899.6 s would be "14 min 60 s".
    whole = round(seconds)
    if whole < MINUTE_SECONDS:
        return f"{whole} s"
    if whole < HOUR_SECONDS:
        return f"{whole // MINUTE_SECONDS} min {whole % MINUTE_SECONDS} s"
    return f"{whole // HOUR_SECONDS} h {whole % HOUR_SECONDS // MINUTE_SECONDS} min"


@register.filter
def instant(value: datetime | None) -> str:
    """Return a <time> that reads relative to now and tells the exact instant on demand."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    exact = f"{local:%Y-%m-%d %H:%M:%S}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, _relative(value)
    )


def _relative(value: datetime) -> str:
    now = timezone.now()
    if abs((now - value).total_seconds()) < MINUTE_SECONDS:
        return "just now" if value <= now else "in under a minute"
    if value <= now:
        return f"{timesince(value, now, depth=1)} ago"
    return f"in {timeuntil(value, now, depth=1)}"
