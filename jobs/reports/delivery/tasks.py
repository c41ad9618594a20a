"""The task that sends reports: started with each version, and by a schedule every minute."""

from celery import shared_task
from django.utils import timezone

from jobs.mails.wire import Wire
from jobs.reports.delivery import rehearsing
from jobs.reports.delivery.claiming import count_due
from jobs.reports.delivery.holds import tell_owners
from jobs.reports.delivery.senders import bury_dead_senders, new_sender
from jobs.reports.delivery.sending import Sending
from jobs.runs.current import rehearsal


class MailServerAwayError(Exception):
    """The mail server takes nothing now; what waits is tried again in the next minute."""


@shared_task(name="reports.deliver")
def deliver() -> dict[str, int]:
    """Send the mails of reports that are due; return how many ended in each state.

    Any number of workers may do this at the same time: each takes others. Raises
    MailServerAwayError when the server takes nothing.
    """
    known = rehearsal()
    if known is not None:
        return {"rehearsed": rehearsing.send_one_of_each(known.mail_to)}
    doubtful = bury_dead_senders(timezone.now())
    tell_owners(timezone.now())
    with Wire() as wire:
        sending = Sending(new_sender(timezone.now()), wire)
        sending.send_what_is_due()
        if wire.is_away:
            raise MailServerAwayError(
                f"The mail server takes nothing ({wire.last_words}). "
                f"{count_due(timezone.now())} mails wait; the next run tries again. "
                "See `manage.py doctor --only mail`."
            )
    sending.counts["found doubtful"] = doubtful
    return {str(name): count for name, count in sending.counts.items() if count}
