"""Sends what is due: claims, one connection, a mark around each mail."""

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from jobs.mails.addresses import plain_address
from jobs.mails.outcomes import Result
from jobs.mails.wire import Answer, Wire
from jobs.reports.delivery.claiming import Due, claim, leave
from jobs.reports.delivery.entitled import why_not_any_more
from jobs.reports.delivery.envelopes import envelope_sender
from jobs.reports.delivery.letters import sender_address
from jobs.reports.delivery.marks import Marks
from jobs.reports.delivery.tokens import token_of
from jobs.reports.delivery.waits import next_try
from jobs.reports.delivery.writing import Desk, NotWrittenError
from jobs.reports.models import DeliveryState, MailSender
from jobs.runs.current import raise_if_cancelled, report_progress


class TakenForDeadError(Exception):
    """This sender was silent for too long, and others have its mails."""


class Sending:
    """One sender at its work; `counts` says how many mails ended how."""

    def __init__(self, sender: MailSender, wire: Wire) -> None:
        self.counts: Counter[str] = Counter()
        self._sender = sender
        self._wire = wire
        self._marks = Marks(sender)
        self._desk = Desk()
        # One for all, unless each has its own way back.
        self._from = "" if settings.REPORT_BOUNCE_ADDRESS else sender_address()

    def send_what_is_due(self) -> None:
        """Send until nothing is due that nobody else has, or the server is away.

        An error, a time limit or a kill leaves one mail in doubt at most; the others are free
        for the next sender.
        """
        try:
            while not self._wire.is_away and (rows := claim(self._sender, timezone.now())):
                raise_if_cancelled()
                self._send_all(rows)
                self._marks.write_arrived(timezone.now())
                report_progress(self.counts[DeliveryState.SENT], text="mails sent")
        finally:
            self._marks.close(timezone.now())
            leave(self._sender)

    def _send_all(self, rows: Sequence[Due]) -> None:
        for version, of_version in self._desk.by_version(rows):
            reasons = why_not_any_more(of_version, version.report)
            for row in of_version:
                if self._wire.is_away:
                    return
                if row.pk in reasons:
                    self._settle(row, DeliveryState.NOT_WANTED, error=reasons[row.pk])
                else:
                    self._send(row)

    def _send(self, row: Due) -> None:
        try:
            address = plain_address(row.address)
            letter = self._desk.letter_for(row)
        except ValueError as problem:
            self._settle(row, DeliveryState.REFUSED, error=str(problem))
            return
        except NotWrittenError as problem:
            self._put_off(row, Answer(Result.POSTPONED, 0, str(problem)))
            return
        answer = self._wire.send(
            self._sender_of(row.pk),
            address,
            begin=lambda: self._begin(row),
            write=lambda: letter.content_for(address, token_of(row.subscription_id or 0)),
        )
        self._remember(row, answer)

    def _sender_of(self, pk: int) -> str:
        return self._from or envelope_sender(pk)

    def _begin(self, row: Due) -> None:
        """Write down that the mail is in hand."""
        if not self._marks.begin(row.pk, timezone.now()):
            raise TakenForDeadError("Others took this sender for dead and have its mails.")

    def _remember(self, row: Due, answer: Answer) -> None:
        said = {"smtp_code": answer.code or None, "error": answer.words}
        match answer.result:
            case Result.SENT:
                self._marks.arrived(row.pk)
                self.counts[DeliveryState.SENT] += 1
            case Result.REFUSED:
                self._settle(row, DeliveryState.REFUSED, **said)
            case Result.DOUBTFUL:
                self._settle(row, DeliveryState.DOUBTFUL, **said)
            case Result.POSTPONED:
                self._put_off(row, answer)
            case Result.UNREACHABLE:
                self._settle(row, DeliveryState.WAITING, **said)

    def _put_off(self, row: Due, answer: Answer) -> None:
        """Let the mail wait for its next try, or refuse it after a day of tries."""
        attempts = row.attempts + 1
        again_at = next_try(attempts, timezone.now())
        said = {"attempts": attempts, "smtp_code": answer.code or None, "error": answer.words}
        if again_at is None:
            self._settle(row, DeliveryState.REFUSED, **said)
        else:
            self._settle(row, DeliveryState.WAITING, send_after_at=again_at, **said)

    def _settle(self, row: Due, state: DeliveryState, **values: object) -> None:
        self._marks.settle(row.pk, state, **values)
        self.counts[state] += 1
