"""What a sync does to each schedule, decided from what is there. Pure: no database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from beat.as_code.difference import differing
from beat.as_code.from_rows import Stored
from beat.as_code.problems import Problem
from beat.as_code.reading import Placed
from beat.as_code.schedule_text import FIELDS, ScheduleText
from beat.models import Source


class StepKind(StrEnum):
    """What is done to one schedule."""

    ADD = "add"
    CHANGE = "change"
    ADOPT = "adopt"
    # It vanished from the file once and is in it again.
    RETURN = "take back"
    DISABLE = "disable"
    # It vanished from the file, and nobody asked to disable what did.
    LEAVE = "left alone"


@dataclass(frozen=True)
class Step:
    """One schedule that differs; `text` is None where it vanished from the file."""

    kind: StepKind
    key: str
    name: str
    text: ScheduleText | None = None
    stored: Stored | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps in the order of the file, how many schedules are the same, and what forbids it."""

    steps: list[Step] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_different(self) -> bool:
        """Return whether the file and the database say different things."""
        return bool(self.steps)


@dataclass(frozen=True)
class Wishes:
    """What whoever syncs asked for: keys to adopt ("*": all), and to disable what vanished."""

    adopted: Collection[str] = ()
    prunes: bool = False

    def adopts(self, key: str) -> bool:
        """Return whether an admin's schedule may be taken over under this key."""
        return key in self.adopted or "*" in self.adopted


def plan(placed: Sequence[Placed], stored: Iterable[Stored], wishes: Wishes, file: str) -> Plan:
    """Return what makes the database say what the file says; touches only what files own."""
    known = list(stored)
    by_key = {item.key: item for item in known if item.is_of_a_file}
    by_name = {item.name: item for item in known}
    made = Plan()
    same = 0
    keys = {item.text.key for item in placed}
    for item in placed:
        owned = by_key.get(item.text.key)
        found = owned or by_name.get(item.text.name)
        problem = _refusal(item, owned, by_name, keys, wishes)
        if problem:
            made.problems.append(item.problem(problem, "name"))
        elif step := _step(item.text, owned, found):
            made.steps.append(step)
        else:
            same += 1
    made.problems.extend(_unknown_wishes(wishes, keys, file))
    made.problems.extend(_same_names(placed))
    made.steps.extend(_vanished(by_key, keys, wishes))
    return Plan(made.steps, same, made.problems)


def _refusal(
    item: Placed,
    owned: Stored | None,
    by_name: dict[str, Stored],
    keys: Collection[str],
    wishes: Wishes,
) -> str:
    """Return why the name cannot be the file's, or ""."""
    holder = by_name.get(item.text.name)
    if holder is None or holder is owned:
        return ""
    if holder.is_of_a_file and holder.is_in_code:
        if owned is not None and holder.key in keys:
            # The file gives it another name too, or `_same_names` says that two have it.
            return ""
        return (
            f"The name {holder.name!r} is in the file's hands under the key {holder.key!r}; "
            f"write that key, or `manage.py schedules release {holder.key}` first."
        )
    if holder.source == Source.BEAT_SCHEDULE and holder.is_in_code:
        return f"The name {holder.name!r} is in beat_schedule of the code; rename one of them."
    if owned is None and wishes.adopts(item.text.key):
        return ""
    advice = "rename one of them"
    if owned is None:
        advice = f"take it over with --adopt {item.text.key}, or rename one of them"
    return f"The name {holder.name!r} belongs to a schedule that is not in a file; {advice}."


def _step(text: ScheduleText, owned: Stored | None, found: Stored | None) -> Step | None:
    if found is None:
        return Step(StepKind.ADD, text.key, text.name, text)
    before = found.text
    names = tuple(differing(before, text)) if before is not None else FIELDS
    if owned is None:
        return Step(StepKind.ADOPT, text.key, text.name, text, found, names)
    if not owned.is_in_code:
        return Step(StepKind.RETURN, text.key, text.name, text, found, names)
    return Step(StepKind.CHANGE, text.key, text.name, text, found, names) if names else None


def _vanished(by_key: dict[str, Stored], keys: set[str], wishes: Wishes) -> list[Step]:
    gone = [item for key, item in sorted(by_key.items()) if key not in keys and item.is_in_code]
    kind = StepKind.DISABLE if wishes.prunes else StepKind.LEAVE
    return [Step(kind, item.key, item.name, stored=item) for item in gone]


def _unknown_wishes(wishes: Wishes, keys: set[str], file: str) -> list[Problem]:
    return [
        Problem("--adopt names it, and the file does not have it.", file, key=key)
        for key in sorted(set(wishes.adopted) - keys - {"*"})
    ]


def _same_names(placed: Sequence[Placed]) -> list[Problem]:
    first: dict[str, Placed] = {}
    return [
        item.problem(f"The schedule {other.text.key!r} has the same name.", "name")
        for item in placed
        if (other := first.setdefault(item.text.name, item)) is not item
    ]
