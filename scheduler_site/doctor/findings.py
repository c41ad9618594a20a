"""A finding: one thing that was looked at, how it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only a problem makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found out about `subject`; `advice` says what to do and is empty when it is ok."""

    level: Level
    subject: str
    sentence: str
    advice: str = ""

    @property
    def line(self) -> str:
        """Return the finding as one line of text."""
        return f"{self.level:<8} {self.subject}: {self.sentence} {self.advice}".rstrip()


def ok(subject: str, sentence: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(Level.OK, subject, sentence)


def warning(subject: str, sentence: str, advice: str) -> Finding:
    """Return a finding that somebody should look into."""
    return Finding(Level.WARNING, subject, sentence, advice)


def problem(subject: str, sentence: str, advice: str) -> Finding:
    """Return a finding that keeps Punctual from working, or loses work."""
    return Finding(Level.PROBLEM, subject, sentence, advice)
