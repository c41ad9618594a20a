"""What is wrong with a file of schedules, and where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A sentence and its place; `line` counts from 1, a `key` of "" stands for the whole file."""

    sentence: str
    file: str
    line: int = 1
    key: str = ""
    field: str = ""

    def __str__(self) -> str:
        places = (self.file, f"line {self.line}", self.key, self.field)
        return f"{', '.join(place for place in places if place)}: {self.sentence}"


class WrongValueError(ValueError):
    """A value that a field does not take; says what is wrong and what to write."""


class FileError(ValueError):
    """A file that cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
