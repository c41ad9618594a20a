"""A digest's mail: the sections of a span, and the links that end the subscription."""

from django.conf import settings
from django.core.mail import EmailMessage

from jobs.digests.models import Delivery
from jobs.digests.registry import Section
from jobs.mails.messages import mail, stable_message_id


def digest_mail(delivery: Delivery, sections: list[Section]) -> EmailMessage:
    """Return the mail of one delivery; its times are in the time zone that is current."""
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
        "news": [section for section in sections if section.is_news],
        "unsubscribe": unsubscribe,
        "user": subscriber.user,
    }
    return mail("digests/mails/digest", context, subscriber.user.email, headers)
