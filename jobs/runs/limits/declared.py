"""The limits that a task declares, and the key that one call of it has."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from inspect import Parameter, signature
from string import Formatter
from typing import Any

KEY_LENGTH = 200
MOST_AT_ONCE = 10_000
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
NAMED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class LimitsError(ValueError):
    """The limits of a task cannot be meant so; the text says what to write instead."""


@dataclass(frozen=True)
class Limits:
    """At most `concurrency` runs of one key under way, and `rate` of them started in a span.

    `rate` is "10/s", "100/m" or "5/h", evenly spread: "10/s" is one every 0.1 s. `key` may name
    parameters of the task, as "feed:{feed_id}"; without one all calls of the task share a key.
    Tasks that give the same key share its slots, each going by its own numbers.
    """

    concurrency: int | None = None
    key: str = ""
    rate: str | None = None

    def __post_init__(self) -> None:
        """Raise LimitsError when they cannot be meant so."""
        if self.concurrency is None and self.rate is None:
            raise LimitsError("Limits need concurrency=, rate= or both.")
        if self.concurrency is not None and not 1 <= self.concurrency <= MOST_AT_ONCE:
            raise LimitsError(f"concurrency={self.concurrency}: write 1 to {MOST_AT_ONCE}.")
        self.period  # noqa: B018 -- a rate that cannot be read is refused now
        self.names  # noqa: B018 -- and so is a key

    @cached_property
    def period(self) -> timedelta | None:
        """Return how far apart two runs start, or None when there is no rate."""
        if self.rate is None:
            return None
        found = re.fullmatch(r"([1-9][0-9]{0,5})/([smh])", self.rate)
        if found is None:
            raise LimitsError(f'rate="{self.rate}": write "10/s", "100/m" or "5/h".')
        return UNITS[found[2]] / int(found[1])

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the parameters that the key names."""
        try:
            parts = list(Formatter().parse(self.key))
        except ValueError as problem:
            raise LimitsError(f'key="{self.key}": {problem}. {KEY_ADVICE}') from None
        for _, name, form, conversion in parts:
            if name is not None and (not name.isidentifier() or form or conversion):
                raise LimitsError(f'key="{self.key}": "{name}" is no name. {KEY_ADVICE}')
        return frozenset(name for _, name, _, _ in parts if name is not None)

    def require_names(self, task_name: str, function: Callable[..., Any]) -> None:
        """Raise LimitsError when the key names what is no parameter of the task's function."""
        known = [name for name, one in signature(function).parameters.items() if one.kind in NAMED]
        for name in sorted(self.names.difference(known)):
            raise LimitsError(
                f'The task {task_name} has no parameter "{name}", which the key "{self.key}" of '
                f"its limits names. It has: {', '.join(known) or 'none'}."
            )

    def key_of(
        self, task_name: str, function: Callable[..., Any], args: Any, kwargs: Any
    ) -> str | None:
        """Return the key of a call, or None when the arguments do not fit the function.

        Such a call need not wait: it fails as soon as a worker has it, and the run says why.
        """
        if not self.names:
            return _bounded(self.key.format() or task_name)
        if not isinstance(args, list | tuple) or not isinstance(kwargs, dict):
            return None
        try:
            bound = signature(function).bind(*args, **kwargs)
        except TypeError:
            return None
        bound.apply_defaults()
        return _bounded(self.key.format(**{name: bound.arguments[name] for name in self.names}))


KEY_ADVICE = 'Write the parameters of the task in braces, as "feed:{feed_id}".'


def _bounded(key: str) -> str:
    """Return the key as every database can store it, in 200 characters at the most."""
    key = key.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if len(key) <= KEY_LENGTH:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LENGTH - len(digest) - 1]}#{digest}"
