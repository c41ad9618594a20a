"""The lines of a crontab: jobs, variables, comments. Pure.

By crontab(5) of Vixie cron and its descendants (Debian's cron 3.0, cronie 1.7).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from beat.editing.lines import FiveFields

VARIABLE = re.compile(r"""\s*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1\s*=\s*(.*?)\s*$""")
NICKNAME = re.compile(r"\s*(@\S+)\s+(.*)$")
JOB = re.compile(r"\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$")
USER = re.compile(r"(\S+)\s+(.*)$")
# A job that somebody has switched off says nothing about the one below it.
SWITCHED_OFF = re.compile(r"(@[a-z]+|[0-9*/,-]+(\s+[A-Za-z0-9*/,-]+){4})\s+\S")
UNESCAPED_PERCENT = re.compile(r"(?<!\\)%")


@dataclass(frozen=True)
class JobLine:
    """A job as it stands: `times` are five fields or an @word; `comment` stood right above it."""

    number: int
    times: str
    command: str
    user: str = ""
    comment: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    def command_and_input(self) -> tuple[str, str]:
        r"""Return the command and its standard input, "" for none.

        The first % ends the command; what follows is the input, where each % is a line feed; one
        that is escaped by a backslash is just a %.
        """
        command, *rest = UNESCAPED_PERCENT.split(self.command, maxsplit=1)
        text = UNESCAPED_PERCENT.sub("\n", rest[0]).replace("\\%", "%") if rest else ""
        ending = "\n" if rest and not text.endswith("\n") else ""
        return command.replace("\\%", "%").strip(), text + ending


@dataclass(frozen=True)
class VariableLine:
    """NAME=value, which holds for all jobs below it."""

    number: int
    name: str
    value: str


@dataclass(frozen=True)
class CommentLines:
    """A comment that belongs to no job."""

    number: int
    text: str


@dataclass(frozen=True)
class UnreadLine:
    """A line that cannot be read, and why."""

    number: int
    text: str
    why: str


Line = JobLine | VariableLine | CommentLines | UnreadLine


def lines_of(content: str, *, has_user_column: bool) -> Iterator[Line]:
    """Yield the lines in their order; a comment right above a job is the job's."""
    variables: dict[str, str] = {}
    comment: list[str] = []
    for number, text in enumerate(content.replace("\r\n", "\n").split("\n"), start=1):
        bare = text.strip()
        if bare.startswith("#"):
            comment.append(bare.lstrip("#").strip())
            continue
        line = _line(number, text, has_user_column, dict(variables), comment) if bare else None
        if comment and (not isinstance(line, JobLine) or not line.comment):
            yield CommentLines(number - len(comment), "\n".join(comment))
        comment = []
        if isinstance(line, VariableLine):
            variables[line.name] = line.value
        if line is not None:
            yield line
    if comment:
        yield CommentLines(number - len(comment) + 1, "\n".join(comment))


def _line(
    number: int, text: str, has_user_column: bool, variables: dict[str, str], comment: list[str]
) -> Line:
    if match := VARIABLE.match(text):
        return VariableLine(number, match[2], _unquoted(match[3]))
    match = NICKNAME.match(text) or JOB.match(text)
    if match is None:
        return UnreadLine(number, text.strip(), _why_no_job(text))
    *times, command = match.groups()
    user = ""
    if has_user_column:
        with_user = USER.match(command)
        if with_user is None:
            return UnreadLine(number, text.strip(), "After the user no command follows.")
        user, command = with_user.groups()
    is_said = not any(SWITCHED_OFF.match(text) for text in comment)
    said = "\n".join(comment).strip() if is_said else ""
    return JobLine(number, " ".join(times), command.strip(), user, said, variables)


def _why_no_job(text: str) -> str:
    count = len(text.split())
    if text.strip().startswith("@"):
        return "No command follows."
    return (
        f"A job has five fields ({', '.join(FiveFields._fields)}) and a command; here are {count} "
        "words."
    )


def _unquoted(value: str) -> str:
    is_quoted = len(value) >= 2 and value[0] in "\"'" and value[0] == value[-1]
    return value[1:-1] if is_quoted else value
