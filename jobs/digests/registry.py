"""The sections of a digest: functions that any installed app brings in `digest_sections.py`.

A documented door for other job apps. A section that is the same for everybody is told the span:

    from jobs.digests.registry import Line, Section, digest_section

    @digest_section(order=40)
    def new_notes(since: datetime, until: datetime) -> Section | None:
        notes = Note.objects.filter(made_at__gte=since, made_at__lt=until).order_by("-made_at")
        lines = [Line(note.title, note.get_absolute_url(), "by hand") for note in notes[:10]]
        return Section("New notes", lines) if lines else None

It is about what happened from `since` up to, and without, `until` (both UTC), and is asked for
once per span. A section that differs from person to person is told the person too:

    from jobs.digests.registry import Asked, personal_section

    @personal_section(order=45)
    def my_notes(asked: Asked) -> Section | None:
        notes = asked.remembered(notes_between, asked.since, asked.until)
        lines = [Line(note.title) for note in notes if note.author_id == asked.person.pk]
        return Section("My notes", lines) if lines else None

What is the same for many people goes through `asked.remembered`: ten thousand people have few
spans. A section that only accompanies news, and is no reason for a mail, says `is_news=False`.
With `permission="app.codename"` it is told, and offered on the page "Digest", to its holders alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar, cast

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from jobs.digests.holders import holders, keys_of_holders

MOST_REMEMBERED = 1_000

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


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
    is_news: bool = True


Memory = dict[tuple[Any, ...], Any]


@dataclass(frozen=True)
class Asked:
    """Whom a digest is for and which span it is about; `ahead` is how far it looks forward.

    `memory` lives as long as the run that sends the digests.
    """

    person: User
    since: datetime
    until: datetime
    ahead: timedelta = timedelta(days=1)
    memory: Memory = field(default_factory=dict)

    def remembered(
        self,
        make: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Return `make(*args)`, which is called once; in the site's zone, not the person's."""
        key = (make, *args, *sorted(kwargs.items()))
        if key not in self.memory:
            if len(self.memory) >= MOST_REMEMBERED:
                self.memory.clear()
            with timezone.override(timezone.get_default_timezone()):
                self.memory[key] = make(*args, **kwargs)
        return cast("Result", self.memory[key])


SharedSection = Callable[[datetime, datetime], Section | None]
PersonalSection = Callable[[Asked], Section | None]


@dataclass(frozen=True)
class SectionMaker:
    """A section with its name, which settings keep, and what people call it.

    It is for the holders of `permission`; without one for everybody.
    """

    name: str
    title: str
    order: int
    make: PersonalSection
    permission: str = ""

    def is_for(self, person: User) -> bool:
        """Return whether the section may tell this person anything."""
        return not self.permission or holders(self.permission).filter(pk=person.pk).exists()


_makers: dict[str, SectionMaker] = {}


def digest_section(
    order: int, title: str = "", permission: str = ""
) -> Callable[[SharedSection], SharedSection]:
    """Return a decorator that adds the function to the sections; low orders stand first.

    `title` is what people choose it by; without one the function's name is.
    """

    def add(make: SharedSection) -> SharedSection:
        _add(make, order, title, shared(make), permission)
        return make

    return add


def personal_section(
    order: int, title: str = "", permission: str = ""
) -> Callable[[PersonalSection], PersonalSection]:
    """Return a decorator for a section that differs from person to person."""

    def add(make: PersonalSection) -> PersonalSection:
        _add(make, order, title, make, permission)
        return make

    return add


def shared(make: SharedSection) -> PersonalSection:
    """Return the section of everybody as one that is asked for a person."""
    return lambda asked: asked.remembered(make, asked.since, asked.until)


def permitted(make: PersonalSection, permission: str) -> PersonalSection:
    """Return the section as one that tells nothing to who lacks the permission."""

    def make_for_holders(asked: Asked) -> Section | None:
        may_read = asked.person.pk in asked.remembered(keys_of_holders, permission)
        return make(asked) if may_read else None

    return make_for_holders


def section_makers() -> list[SectionMaker]:
    """Return the sections of every installed app, in their order."""
    autodiscover_modules("digest_sections")
    return sorted(_makers.values(), key=lambda maker: (maker.order, maker.name))


def _add(
    function: Callable[..., Any], order: int, title: str, make: PersonalSection, permission: str
) -> None:
    name = f"{function.__module__}.{function.__qualname__}"
    words = title or function.__name__.replace("_", " ").capitalize()
    makes = permitted(make, permission) if permission else make
    _makers[name] = SectionMaker(name, words, order, makes, permission)
