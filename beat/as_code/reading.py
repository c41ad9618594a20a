"""A file of schedules, read: each schedule with its line, and every problem with its place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beat.as_code.fields import reader_of
from beat.as_code.problems import FileError, Problem
from beat.as_code.schedule_text import REQUIRED, ScheduleText
from beat.as_code.yaml_nodes import Pair, YamlError, YamlText

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class Placed:
    """A schedule and where a file says it; `lines` are those of its fields."""

    text: ScheduleText
    file: str
    line: int
    lines: dict[str, int]

    def problem(self, sentence: str, field: str = "") -> Problem:
        """Return a problem of this schedule at the line of the field."""
        line = self.lines.get(field, self.line)
        return Problem(sentence, self.file, line, self.text.key, field)


def read_files(paths: Iterable[str], default_zone: str) -> list[Placed]:
    """Return the schedules of several files as of one; raises FileError with all problems."""
    found: dict[str, Placed] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            placed = read(_content(path), path, default_zone)
        except FileError as error:
            problems += error.problems
            continue
        for item in placed:
            first = found.setdefault(item.text.key, item)
            if first is not item:
                problems.append(item.problem(f"{first.file} says it in line {first.line} already."))
    if problems:
        raise FileError(problems)
    return list(found.values())


def read(content: str, file: str, default_zone: str) -> list[Placed]:
    """Return the schedules in the order of the file; raises FileError with all problems.

    A crontab and a local time without a `timezone` are of the default zone.
    """
    try:
        yaml = YamlText(content)
        pairs = _schedules(yaml)
    except YamlError as error:
        raise FileError([Problem(str(error), file, error.line)]) from None
    placed: list[Placed] = []
    problems: list[Problem] = []
    for pair in pairs:
        try:
            placed.append(_schedule(yaml, pair, file, default_zone))
        except YamlError as error:
            problems.append(Problem(str(error), file, error.line, pair.name))
        except FileError as error:
            problems += error.problems
    if problems:
        raise FileError(problems)
    return placed


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise FileError([Problem(f"It cannot be read ({reason}).", path)]) from None
    except UnicodeDecodeError:
        raise FileError([Problem("It is no text in UTF-8; save it as one.", path)]) from None


def _schedules(yaml: YamlText) -> list[Pair]:
    if yaml.root is None:
        raise YamlError('The file is empty; write "schedules: {}" if there are to be none.', 1)
    top = {pair.name: pair for pair in yaml.pairs(yaml.root, "The file")}
    if "schedules" not in top:
        raise YamlError("The file has no 'schedules:' with a key for each schedule.", 1)
    for name, pair in top.items():
        # Names with x- are the team's own: anchors that several schedules take over.
        if name != "schedules" and not name.startswith("x-"):
            raise YamlError(
                f"{name!r} is unknown; known is 'schedules', and yours begin with x-.", pair.line
            )
    return yaml.pairs(top["schedules"].node, "'schedules'")


def _schedule(yaml: YamlText, pair: Pair, file: str, default_zone: str) -> Placed:
    if not KEY.fullmatch(pair.name):
        raise YamlError(
            "A key is up to 200 letters (a-z), digits, dots, dashes and underscores.", pair.line
        )
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for said in yaml.pairs(pair.node, "A schedule"):
        lines[said.name] = said.line
        try:
            value = yaml.value(said.node)
            values[said.name] = reader_of(said.name, default_zone)(value)
        except YamlError as error:
            problems.append(Problem(str(error), file, error.line, pair.name, said.name))
        except ValueError as error:
            problems.append(Problem(str(error), file, said.line, pair.name, said.name))
    missing = sorted(REQUIRED - lines.keys())
    problems += [Problem(f"It has no {name!r}.", file, pair.line, pair.name) for name in missing]
    if problems:
        raise FileError(problems)
    return Placed(_text(pair.name, values), file, pair.line, lines)


def _text(key: str, values: dict[str, Any]) -> ScheduleText:
    if values["when"]["kind"] == "clocked":
        values["one_off"] = True
    return ScheduleText(**{"key": key, "name": key} | values)
