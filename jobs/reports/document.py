"""What a renderer is given: a content and what its version is about. Pure."""

from dataclasses import dataclass
from datetime import datetime

from jobs.reports.content import Content
from jobs.reports.periods import Period


@dataclass(frozen=True)
class Document:
    """A content with the words for its head. Nothing in it differs between two tries of a run.

    The version's number is not part of it: it is known only once the files are written.
    """

    title: str
    description: str
    period: Period
    made_at: datetime
    content: Content
