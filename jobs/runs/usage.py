"""When somebody last used what a task makes: functions of any installed app in `last_used.py`.

A documented door for other job apps:

    from jobs.runs.usage import last_used

    @last_used("reports.make")
    def last_read(calls: Sequence[Call]) -> list[datetime | None]:
        ...

The function is given the arguments of many calls of the task and answers in their order: since
when nobody has used what such a call makes, or None when nobody knows. It asks the database a
bounded number of times, however many calls there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Call:
    """The arguments of a call of a task, as its schedule holds them."""

    args: Sequence[Any] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


Provider = Callable[[Sequence[Call]], list[datetime | None]]

_providers: dict[str, Provider] = {}


def last_used(task: str) -> Callable[[Provider], Provider]:
    """Return a decorator that has the function answer for the calls of this task."""

    def add(provider: Provider) -> Provider:
        _providers[task] = provider
        return provider

    return add


def tasks_with_usage() -> list[str]:
    """Return the names of the tasks of which it is known when somebody last used what they make."""
    autodiscover_modules("last_used")
    return sorted(_providers)


def last_uses(task: str, calls: Sequence[Call]) -> list[datetime | None]:
    """Return for each call since when nobody has used what it makes; None where nobody knows."""
    autodiscover_modules("last_used")
    provider = _providers.get(task)
    return provider(calls) if provider is not None and calls else [None] * len(calls)
