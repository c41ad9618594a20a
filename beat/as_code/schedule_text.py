"""A schedule as a file says it: plain values, no database."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ScheduleText:
    """One schedule, in the order in which a file says it; what has its default is left out.

    `when` is the rule as `{"kind": ..., <columns of the rule's row>}`. `policy` holds only what
    differs from the defaults, its calendar by name. A pause is not part of it: that is operating,
    and stays with whoever operates. For a clocked rule `one_off` is always true.
    """

    key: str
    name: str
    task: str
    when: dict[str, Any]
    description: str = ""
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    enabled: bool = True
    one_off: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    runs_expire_after_seconds: int | None = None
    queue: str = ""
    exchange: str = ""
    routing_key: str = ""
    priority: int | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    tags: tuple[str, ...] = ()


FIELDS = tuple(item.name for item in fields(ScheduleText) if item.name != "key")
REQUIRED = frozenset({"task", "when"})
NOTHING_SAID = ScheduleText(key="", name="", task="", when={})
