"""The processes that people see on the page of workers: any installed app may bring some.

    from jobs.runs.processes import Process, Verdict, processes

    @processes("Beats", order=20)
    def beats(now: datetime) -> list[Process]:
        ...

in a module `heartbeats.py`. A list is bounded by the one who makes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from django.utils.module_loading import autodiscover_modules

from jobs.runs.models import Run


class Verdict(NamedTuple):
    """Whether a process is well: the colour of a badge, a word or two, and when that began."""

    colour: Literal["good", "warning", "bad", "quiet"]
    word: str
    since: datetime | None = None
    what_to_do: str = ""


@dataclass(frozen=True)
class Process:
    """One process as it has told of itself; `facts` are names and values in words."""

    name: str
    verdict: Verdict
    facts: Sequence[tuple[str, str]]
    started_at: datetime
    heard_at: datetime
    runs: Sequence[Run] = ()
    has_more_runs: bool = False


@dataclass(frozen=True)
class Group:
    """The processes of one kind."""

    title: str
    processes: list[Process]


Lister = Callable[[datetime], list[Process]]

_listers: dict[str, tuple[int, Lister]] = {}


def processes(title: str, order: int) -> Callable[[Lister], Lister]:
    """Return a decorator that adds the function's processes to the page; low orders stand first."""

    def add(lister: Lister) -> Lister:
        _listers[title] = (order, lister)
        return lister

    return add


def process_groups(now: datetime) -> list[Group]:
    """Return the processes of every installed app by their kind."""
    autodiscover_modules("heartbeats")
    ordered = sorted(_listers.items(), key=lambda entry: entry[1][0])
    return [Group(title, lister(now)) for title, (_, lister) in ordered]
