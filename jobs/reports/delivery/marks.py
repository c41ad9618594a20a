"""What a sender writes around each mail: that it begins, and what became of it.

Before the server gets a mail, the sender's row says, committed, which one it is. That is one small
update of one small row for each mail; that mails have arrived is written for some together. A
sender that is killed leaves one mail in doubt at most (`senders.bury_dead_senders`).

On PostgreSQL the commit of that one update does not wait for the disk (`synchronous_commit`):
nothing is lost when a worker dies, or PostgreSQL is stopped and started. Weak: when the database's
machine itself dies, the marks of the last moments may be gone (PostgreSQL 15, "Asynchronous
Commit": up to three times wal_writer_delay, 0.6 s), and those mails come again with the same
Message-ID. SQLite in WAL mode with synchronous=NORMAL promises the same.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from jobs.reports.delivery.senders import alive_until
from jobs.reports.models import DeliveryState, MailSender, ReportDelivery
from jobs.runs import prepared

BEGIN = """
    UPDATE reports_mailsender SET in_hand = %s, marked_at = %s, alive_until = %s
    {quickly} WHERE id = %s
"""
# As a part of the statement it holds for this commit alone, behind a pooler too.
QUICKLY = "FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quickly"
# So exact is a delivery's `sent_at`.
WRITTEN_EVERY = timedelta(seconds=1)


class Marks:
    """The marks of one sender, who stops as soon as its row is gone: others took it for dead."""

    def __init__(self, sender: MailSender) -> None:
        self._sender = sender
        self._arrived: list[int] = []
        self._written_at = sender.marked_at
        self._is_on_its_way = False
        # Looked up once: there are as many begins as mails.
        quickly = QUICKLY if connection.vendor == "postgresql" else ""
        self._begin = BEGIN.format(quickly=quickly)
        field = MailSender._meta.get_field  # noqa: SLF001
        self._fields = [field(name) for name in ("in_hand", "marked_at", "alive_until", "id")]

    def begin(self, pk: int, now: datetime) -> bool:
        """Write that this mail is in hand; False when the sender counts as dead."""
        if now - self._written_at >= WRITTEN_EVERY:
            self.write_arrived(now)
        values = prepared.parameters(self._fields, (pk, now, alive_until(now), self._sender.pk))
        self._is_on_its_way = prepared.execute(self._begin, values)[0] == 1
        return self._is_on_its_way

    def arrived(self, pk: int) -> None:
        """Remember that the server took the mail in hand."""
        self._is_on_its_way = False
        self._arrived.append(pk)

    def settle(self, pk: int, state: DeliveryState, **values: object) -> None:
        """Write what else became of a mail that this sender has claimed."""
        self._is_on_its_way = False
        self._mine(DeliveryState.WAITING).filter(pk=pk).update(state=state, sender=None, **values)

    def write_arrived(self, now: datetime) -> None:
        """Write which mails have arrived, and that none is in hand."""
        arrived, self._arrived = self._arrived, []
        self._written_at = now
        sent = {"state": DeliveryState.SENT, "sent_at": now, "smtp_code": 250, "error": ""}
        with transaction.atomic():
            is_alive = MailSender.objects.filter(pk=self._sender.pk).update(in_hand=None) == 1
            # Who was buried meanwhile knows better about the mail that was in its hands.
            state = DeliveryState.WAITING if is_alive else DeliveryState.DOUBTFUL
            self._mine(state).filter(pk__in=arrived).update(**sent)

    def close(self, now: datetime) -> None:
        """Write what is known; where an error struck while a mail was on its way, leave that open.

        Its sender is buried then, with this mail in doubt.
        """
        if not self._is_on_its_way:
            self.write_arrived(now)

    def _mine(self, state: DeliveryState) -> QuerySet[ReportDelivery]:
        return ReportDelivery.objects.filter(sender=self._sender.pk, state=state)
