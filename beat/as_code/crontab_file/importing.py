"""A crontab as schedules that run its commands, with all that had to be explained."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from beat.as_code.crontab_file.explaining import (
    environment_of,
    notes_of,
    variable_explained,
    why_not_reboot,
)
from beat.as_code.crontab_file.lines import (
    CommentLines,
    JobLine,
    Line,
    VariableLine,
    lines_of,
)
from beat.as_code.crontab_file.times import schedules_of
from beat.as_code.schedule_text import ScheduleText
from beat.as_code.when import crontab_rule
from beat.as_code.writing import HEADING, comment, entry
from beat.editing.lines import FiveFields, LineError

TASK = "commands.run"
# As cron does: it starts a job though the last one still runs, and never later what it missed.
POLICY = {"overlap": "allow", "catch_up": "none"}
SUFFIXES = ("", "weekdays")
LONGEST_KEY = 60
LONGEST_NAME = 150


@dataclass
class Imported:
    """The schedules, the file's pieces in the order of the crontab, and what could not be read."""

    texts: list[ScheduleText] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def content(self, file: str) -> str:
        """Return the file of the schedules, with the crontab's comments and what is explained."""
        head = f"{HEADING}{comment(f'Made from the crontab {file}.')}\n"
        empty = "" if self.texts else " {}"
        return f"{head}schedules:{empty}\n{''.join(self.pieces)}"

    def explain(self, line: Line, text: str) -> None:
        """Write what is to be known about a line as a comment of the file."""
        self.pieces.append(_indented_comment(f"Line {line.number}: {text}"))


def imported(content: str, zone: str, *, has_user_column: bool) -> Imported:
    """Return what a crontab becomes; times are of `zone` unless it has a CRON_TZ."""
    found = Imported()
    for line in lines_of(content, has_user_column=has_user_column):
        if isinstance(line, JobLine):
            _import_job(found, line, zone)
        elif isinstance(line, VariableLine):
            found.explain(line, variable_explained(line.name))
        elif isinstance(line, CommentLines):
            found.pieces.append(_indented_comment(line.text))
        else:
            _refuse(found, line, line.text, line.why)
    return found


def _import_job(found: Imported, job: JobLine, zone: str) -> None:
    if job.times.lower() == "@reboot":
        found.explain(job, f"{why_not_reboot()} It was: {job.command}")
        return
    try:
        parts = schedules_of(job.times)
    except LineError as problem:
        _refuse(found, job, f"{job.times} {job.command}", str(problem))
        return
    _, text_of_input = job.command_and_input()
    for note in notes_of(job, len(parts), text_of_input):
        found.explain(job, note)
    key, name = _free(found.texts, job.command_and_input()[0])
    for fields, suffix in zip(parts, SUFFIXES, strict=False):
        text = _text(job, fields, zone, (key, name), suffix)
        found.texts.append(text)
        found.pieces.append(f"{entry(text)}\n")


def _text(
    job: JobLine, fields: FiveFields, zone: str, key_and_name: tuple[str, str], suffix: str
) -> ScheduleText:
    key, name = key_and_name
    command, text_of_input = job.command_and_input()
    kwargs = {
        "command": command,
        "input": text_of_input,
        "environment": environment_of(job.variables),
        "shell": job.variables.get("SHELL", ""),
        "folder": job.variables.get("HOME", ""),
    }
    return ScheduleText(
        key=f"{key}-{suffix}" if suffix else key,
        name=f"{name} ({suffix})" if suffix else name,
        task=TASK,
        when=crontab_rule(fields, job.variables.get("CRON_TZ", zone)),
        description=job.comment,
        kwargs={name: value for name, value in kwargs.items() if value},
        policy=dict(POLICY),
    )


def _free(texts: Sequence[ScheduleText], command: str) -> tuple[str, str]:
    """Return a key and a name for a command; the second of equal ones gets a number."""
    base = re.sub(r"[^a-z0-9]+", "-", command.lower()).strip("-")[:LONGEST_KEY].strip("-")
    name = " ".join(command.split())[:LONGEST_NAME]
    keys, names = {text.key for text in texts}, {text.name for text in texts}
    key, found, number = base or "command", name or "command", 1
    while key in keys or found in names:
        number += 1
        key, found = f"{base or 'command'}-{number}", f"{name} ({number})"
    return key, found


def _refuse(found: Imported, line: Line, text: str, why: str) -> None:
    found.problems.append(f"Line {line.number}: {why} It is: {text}")
    found.explain(line, f"not imported: {why} It is: {text}")


def _indented_comment(text: str) -> str:
    return "".join(f"  {line}\n" for line in comment(text or " ").splitlines())
