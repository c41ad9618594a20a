"""Mails of reports that come back later: whose they were is known by the address they come to."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from jobs.reports.delivery.bounces import bounce_in, write_down
from jobs.reports.delivery.envelopes import delivery_named, envelope_sender
from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import DeliveryState, Report, ReportDelivery, Subscription
from tests.integration.mailed_reports import a_version, planned, states, subscribed
from tests.people import client_of, person
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db

# As Postfix writes it.
NOTICE = """\
Return-Path: <>
{field}: {to}
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Sat, 21 Nov 2026 07:00:00 +0000 (UTC)

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address
    rejected: User unknown

--b
Content-Type: message/rfc822

Subject: Sales & more

--b--
"""


@pytest.fixture(autouse=True)
def way_back(settings: Settings) -> None:
    """Let each mail have a way back of its own."""
    settings.REPORT_BOUNCE_ADDRESS = "bounces@mail.example.org"


def notice(to: str, action: str = "failed", status: str = "5.1.1", field: str = "To") -> bytes:
    return NOTICE.format(to=to, action=action, status=status, field=field).encode()


def comes_back(delivery: ReportDelivery, status: str = "5.1.1") -> bool:
    """Let the mail of this delivery come back; return whether it was written down."""
    bounce = bounce_in(notice(envelope_sender(delivery.pk), status=status))
    assert bounce is not None
    return write_down(bounce)


def sent_to_ada() -> ReportDelivery:
    """Return a delivery that the mail server took."""
    planned(a_version())
    delivery = ReportDelivery.objects.latest("pk")
    ReportDelivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT)
    return delivery


def test_each_mail_has_a_way_back_of_its_own(smtp: SmtpServer) -> None:
    subscribed("ada", "bob")
    planned()
    assert deliver.apply().get() == {"sent": 2}
    deliveries = list(ReportDelivery.objects.order_by("pk"))
    assert [delivery_named(sender) for sender in smtp.senders] == [one.pk for one in deliveries]
    assert all(len(sender.partition("@")[0]) <= 64 for sender in smtp.senders)
    assert {str(mail["From"]) for mail in smtp.messages} == {"Punctual <punctual@localhost>"}


def test_without_the_setting_all_mails_have_the_usual_sender(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.REPORT_BOUNCE_ADDRESS = ""
    subscribed("ada", "bob")
    planned()
    deliver.apply()
    assert smtp.senders == ["punctual@localhost"] * 2


@pytest.mark.parametrize("field", ["Delivered-To", "X-Original-To", "To", "Return-To"])
def test_a_notice_marks_the_delivery_and_its_owner_reads_why(
    monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    owner = person("owner", is_staff=False)
    subscribed("ada", "bob")
    Report.objects.update(owner=owner)
    planned()
    ReportDelivery.objects.update(state=DeliveryState.SENT)
    first = ReportDelivery.objects.earliest("pk")
    # Servers that write the address nowhere tell it to the command.
    to = envelope_sender(first.pk).upper()
    content = io.BytesIO(notice(to, field=field))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=content))
    call_command("read_bounces", to=to if field == "Return-To" else "")
    assert states() == {"ada": "bounced", "bob": "sent"}
    page = client_of(owner).get("/reports/doubtful/").text
    assert "Mails that came back" in page
    assert "Came back: 5.1.1 550 5.1.1 &lt;ada@example.org&gt;: Recipient address rejected" in page
    assert "came back" not in client_of(person("stranger")).get("/reports/doubtful/").text


def test_the_third_in_a_row_switches_the_subscription_off_and_says_so() -> None:
    [subscription] = subscribed("ada")
    others = subscribed("bob")
    Subscription.objects.filter(pk=others[0].pk).update(enabled=False)
    for status, is_enabled in [
        ("5.1.1", True), ("4.4.7", True), ("5.1.1", True), ("5.1.1", True), ("5.1.1", False),
    ]:  # fmt: skip
        delivery = sent_to_ada()
        assert comes_back(delivery, status)
        assert not comes_back(delivery, status), "a notice that comes twice counts once"
        subscription.refresh_from_db()
        assert subscription.enabled is is_enabled
    delivery.refresh_from_db()
    assert delivery.error.endswith("the subscription is switched off.")


def test_one_that_arrived_in_between_keeps_the_subscription() -> None:
    [subscription] = subscribed("ada")
    for is_back in (True, True, False, True):
        delivery = sent_to_ada()
        if is_back:
            comes_back(delivery)
    subscription.refresh_from_db()
    assert subscription.enabled


def test_what_is_no_notice_of_ours_changes_nothing() -> None:
    subscribed("ada")
    delivery = sent_to_ada()
    address = envelope_sender(delivery.pk)
    forged = address.replace("+", "+1")
    mails = [
        notice(address, action="delayed"),
        notice(forged),
        notice("bounces@mail.example.org"),
        f"To: {address}\nSubject: Out of office\n\nBack on Monday.".encode(),
        b"",
        b"\xff\x00 nonsense",
        f"To: {address}\nContent-Type: message/delivery-status\n\nnonsense".encode(),
    ]
    assert [bounce_in(mail) for mail in mails] == [None] * len(mails)
    assert states() == {"ada": "sent"}


def test_a_mail_that_waits_or_is_gone_is_not_marked() -> None:
    subscribed("ada")
    planned()
    waiting = ReportDelivery.objects.get()
    assert waiting.send_after_at <= timezone.now()
    assert not comes_back(waiting)
    ReportDelivery.objects.all().delete()
    assert not comes_back(waiting)
