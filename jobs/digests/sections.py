"""Makes the sections of a digest for one person."""

import structlog

from jobs.digests.models import Cadence, Subscriber
from jobs.digests.registry import Asked, Line, Memory, Section, SectionMaker, section_makers
from jobs.digests.spans import FIRST_SPANS, Span

logger = structlog.get_logger(__name__)


class SectionReader:
    """Makes sections for one person after the other, and remembers what they have in common."""

    def __init__(self) -> None:
        self._memory: Memory = {}

    def sections(self, subscriber: Subscriber, span: Span) -> list[Section]:
        """Return the sections that have a line and that the person wants, in their order.

        A section that breaks does not take the others with it: the digest says that it is missing.
        """
        asked = Asked(
            person=subscriber.user,
            since=span.start_at,
            until=span.end_at,
            ahead=FIRST_SPANS[Cadence(subscriber.cadence)],
            memory=self._memory,
        )
        unwanted = set(subscriber.unwanted_sections)
        makers = [maker for maker in section_makers() if maker.name not in unwanted]
        made = (_section(maker, asked) for maker in makers)
        return [section for section in made if section is not None and section.lines]


def has_news(sections: list[Section]) -> bool:
    """Return whether a mail is worth sending."""
    return any(section.is_news for section in sections)


def _section(maker: SectionMaker, asked: Asked) -> Section | None:
    try:
        return maker.make(asked)
    except Exception:
        logger.exception("a section of the digest broke", section=maker.name)
        return Section("Missing here", [Line(f"{maker.name} broke. The worker's log says why.")])
