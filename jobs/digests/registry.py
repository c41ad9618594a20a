"""The sections of a digest: functions that any installed app brings in `digest_sections.py`.

A documented door for other job apps:

    from jobs.digests.registry import Line, Section, digest_section

    @digest_section(order=40)
    def new_notes(since: datetime, until: datetime) -> Section | None:
        notes = Note.objects.filter(made_at__gte=since, made_at__lt=until).order_by("-made_at")
        lines = [Line(note.title, note.get_absolute_url(), "by hand") for note in notes[:10]]
        return Section("New notes", lines) if lines else None

A section is about what happened from `since` up to, and without, `until` (both UTC). The same
span gives the same section to every subscriber, so that it is asked for once per span.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

SectionMaker = Callable[[datetime, datetime], "Section | None"]


@dataclass(frozen=True)
class Line:
    """One thing that a digest tells.

    `address` is an absolute path on our site ("/runs/..."); the digest puts SITE_URL before it.
    `detail` is a second, quieter sentence.
    """

    text: str
    address: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Section:
    """Some lines under one title; a maker returns None when it has no line."""

    title: str
    lines: list[Line]


_makers: dict[str, tuple[int, SectionMaker]] = {}


def digest_section(order: int) -> Callable[[SectionMaker], SectionMaker]:
    """Return a decorator that adds the function to the sections; low orders stand first."""

    def add(make: SectionMaker) -> SectionMaker:
        _makers[f"{make.__module__}.{make.__qualname__}"] = (order, make)
        return make

    return add


def section_makers() -> list[SectionMaker]:
    """Return the section makers of every installed app, in their order."""
    autodiscover_modules("digest_sections")
    ordered = sorted(_makers.items(), key=lambda entry: (entry[1][0], entry[0]))
    return [make for _, (_, make) in ordered]
