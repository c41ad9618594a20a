"""Where a sender keeps the versions and letters that it has at hand."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import structlog

from jobs.reports.delivery.claiming import Due
from jobs.reports.delivery.letters import Letter, letter_of
from jobs.reports.models import Version

# Each holds its attachments.
LETTERS_KEPT = 4

logger = structlog.get_logger(__name__)


class NotWrittenError(Exception):
    """The mail of a version cannot be written now."""


class Desk:
    """The last letters written; one that could not be written is not tried again here."""

    def __init__(self) -> None:
        self._version: Version | None = None
        self._letters: dict[tuple[int, tuple[str, ...]], Letter | None] = {}

    def by_version(self, rows: Sequence[Due]) -> Iterator[tuple[Version, list[Due]]]:
        """Yield each version with its deliveries; `rows` are in the order of their versions."""
        for pk, of_version in groupby(rows, key=attrgetter("version_id")):
            if self._version is None or self._version.pk != pk:
                self._version = Version.objects.select_related("report").get(pk=pk)
            yield self._version, list(of_version)

    def letter_for(self, row: Due) -> Letter:
        """Return the letter of the version at hand in this subscriber's formats.

        Raises NotWrittenError.
        """
        if self._version is None:
            raise NotWrittenError("There is no version at hand.")
        key = (row.version_id, tuple(row.formats or ()))
        if key not in self._letters:
            self._make_room()
            self._letters[key] = _written(self._version, key[1])
        letter = self._letters[key]
        if letter is None:
            raise NotWrittenError("The mail could not be written; the worker's log says why.")
        return letter

    def _make_room(self) -> None:
        while len(self._letters) >= LETTERS_KEPT:
            del self._letters[next(iter(self._letters))]


def _written(version: Version, formats: Sequence[str]) -> Letter | None:
    """Return the letter, or None when it breaks: the mails of other versions go on."""
    try:
        return letter_of(version, formats)
    except Exception:
        logger.exception("the mail of a version cannot be written", version=version.pk)
        return None
