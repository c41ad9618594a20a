"""A digest's mail: the sections of a span, and the links that end the subscription."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from jobs.digests.models import Delivery
from jobs.digests.registry import Line, Section, SectionMaker, section_makers
from jobs.mails.messages import mail, stable_message_id

SPANS_REMEMBERED = 32

SectionReader = Callable[[datetime, datetime], list[Section]]

logger = structlog.get_logger(__name__)


def remembering_reader() -> SectionReader:
    """Return `sections_of` with a memory: most subscribers of a run have the same span."""
    return lru_cache(maxsize=SPANS_REMEMBERED)(sections_of)


def sections_of(since: datetime, until: datetime) -> list[Section]:
    """Return the sections of a span that have a line.

    A section that breaks does not take the others with it: the digest says that it is missing.
    """
    made = (_section(make, since, until) for make in section_makers())
    return [section for section in made if section is not None and section.lines]


def _section(make: SectionMaker, since: datetime, until: datetime) -> Section | None:
    try:
        return make(since, until)
    except Exception:
        name = f"{make.__module__}.{make.__qualname__}"
        logger.exception("a section of the digest broke", section=name)
        return Section("Missing here", [Line(f"{name} broke. The worker's log says why.")])


def digest_mail(delivery: Delivery, sections: list[Section]) -> EmailMessage:
    """Return the mail of one delivery."""
    subscriber = delivery.subscriber
    unsubscribe = settings.SITE_URL + subscriber.unsubscribe_path
    headers = {
        "Message-ID": stable_message_id("digest", f"{subscriber.pk}:{delivery.covered_until}"),
        # RFC 2369 and RFC 8058: the mail program's own button leaves without a login.
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    context = {
        "delivery": delivery,
        "sections": sections,
        "unsubscribe": unsubscribe,
        "user": subscriber.user,
    }
    return mail("digests/mails/digest", context, subscriber.user.email, headers)
