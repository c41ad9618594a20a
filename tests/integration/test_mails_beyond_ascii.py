"""Addresses beyond ASCII over real SMTP, to servers that know them and to one that does not."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from pytest_django import Settings

from jobs.mails.outcomes import Result
from jobs.mails.sending import Post
from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import ReportDelivery, Subscription
from tests.integration.mailed_reports import a_report, outside, planned
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db
JOERG = "jörg@bücher.example"
ON_THE_WIRE = "jörg@xn--bcher-kva.example"


def subscribe_all() -> None:
    outside(1)
    Subscription.objects.create(report=a_report(), address=JOERG)
    outside(1, "another")


def test_a_report_goes_to_an_address_beyond_ascii(smtp: SmtpServer) -> None:
    subscribe_all()
    planned()
    assert deliver.apply().get() == {"sent": 3}
    assert smtp.recipients == ["reader-0@example.org", ON_THE_WIRE, "another-0@example.org"]
    assert smtp.envelopes == smtp.recipients
    options = [one for one in smtp.options if one]
    assert options == [["SMTPUTF8", "BODY=8BITMIME"]], "the others need no such server"


def test_a_server_that_does_not_know_them_refuses_that_mail_alone_with_a_sentence(
    smtp: SmtpServer,
) -> None:
    smtp.stop()
    smtp.is_international = False
    smtp.start()
    subscribe_all()
    planned()
    assert deliver.apply().get() == {"sent": 2, "refused": 1}
    refused = ReportDelivery.objects.get(state="refused")
    assert "does not offer SMTPUTF8" in refused.error
    assert len(smtp.messages) == 2


@pytest.mark.parametrize("is_international", [True, False])
def test_what_other_jobs_write_goes_out_alike(
    smtp: SmtpServer, settings: Settings, is_international: bool
) -> None:
    settings.EMAIL_BACKEND = "jobs.mails.rehearsed.RehearsalAwareBackend"
    smtp.stop()
    smtp.is_international = is_international
    smtp.start()
    message = mail.EmailMessage("Grüße", "Käse.\n", "Us <us@bücher.example>", [JOERG])
    with Post() as post:
        outcome = post.send(message)
        post.send(mail.EmailMessage("Hi", "All.", None, ["ada@example.org"]))
    if is_international:
        assert outcome.result is Result.SENT
        assert smtp.envelopes == [ON_THE_WIRE, "ada@example.org"]
        # This server would also take the address in words of a header, which no other does.
        assert ["SMTPUTF8" in options for options in smtp.options] == [True, False]
        assert (smtp.recipients[0], smtp.messages[0]["Subject"]) == (ON_THE_WIRE, "Grüße")
        assert smtp.messages[0].get_content().strip() == "Käse."
    else:
        assert outcome.result is Result.REFUSED
        assert "does not offer SMTPUTF8" in outcome.words
        assert smtp.envelopes == ["ada@example.org"]


def test_owners_may_write_such_an_address_and_no_other_nonsense() -> None:
    Subscription(report=a_report(), address=JOERG).full_clean()
    with pytest.raises(ValidationError, match="is not an address"):
        Subscription(report=a_report(), address="jörg @example.org").full_clean()
