"""What a renderer is given: a content and what its version is about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jobs.reports.content import Content
from jobs.reports.periods import Period

# The values of `formats.Format`, which imports the renderers and so cannot be imported by them.
ALL_FORMATS = frozenset({"pdf", "xlsx", "csv", "json"})

JsonValue = str | int | float | None


@dataclass(frozen=True)
class Document:
    """A content with the words for its head. Nothing in it differs between two tries of a run.

    `formats` are those that the version has files in, `parameters` the values that the report was
    asked with, as JSON has them. The version's number is not part of it: it
    is known only once the files are written.
    """

    title: str
    description: str
    period: Period
    made_at: datetime
    content: Content
    formats: frozenset[str] = ALL_FORMATS
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def asked_with(self) -> str:
        """Return the parameters as people read them, "country: DE, year: 2026"; "" for none."""
        named = sorted(self.parameters.items())
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in named)
