"""Mails of reports over real SMTP: who gets one, once, and what is written down of each."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from jobs.reports.content import Content
from jobs.reports.delivery.claiming import claim
from jobs.reports.delivery.planning import plan_deliveries
from jobs.reports.delivery.senders import new_sender
from jobs.reports.delivery.tasks import MailServerAwayError, deliver
from jobs.reports.models import (
    Artefact,
    DeliveryState,
    Report,
    ReportDelivery,
    Subscription,
    Version,
)
from tests.integration.mailed_reports import (
    DUE,
    HOSTILE,
    a_report,
    a_version,
    content,
    make_all_due,
    outside,
    planned,
    states,
    subscribed,
)
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


def with_files(version: Version, **sizes: int) -> Version:
    """Store a file for each format, of so many bytes."""
    for format_, size in sizes.items():
        name = default_storage.save(f"reports/x.{format_}", ContentFile(b"." * size))
        Artefact.objects.create(
            version=version, format=format_, file=name, size_bytes=size, sha256="0" * 64
        )
    return version


def test_a_mail_has_the_period_the_figures_the_chart_the_files_and_the_way_out(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.SITE_URL = "https://punctual.example.org"
    subscribed("ada", attached_formats=["csv"])
    version = with_files(a_version(content=content(chart=True)), csv=50, pdf=60)
    planned(version)
    assert deliver.apply().get() == {"sent": 1}
    [mail] = smtp.messages
    assert mail["Subject"] == f"Sales & more, {version.period.label}"
    text, html = text_of(mail, "plain"), text_of(mail, "html")
    assert "1,234 pieces" in text
    assert f"https://punctual.example.org{version.get_absolute_url()}" in text
    assert 'alt="Rises &amp; falls &quot;fast&quot;."' in html
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart>"
    assert picture.get_content().startswith(b"\x89PNG")
    [file] = mail.iter_attachments()
    assert file.get_filename() == "sales-2026-11-22-v1.csv"
    assert file.get_content() == "." * 50
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"].strip("<>") in text
    assert mail["List-Unsubscribe"].strip("<>") in html


def test_what_is_hostile_in_data_is_text_in_the_mail(smtp: SmtpServer) -> None:
    subscribed("ada")
    planned()
    deliver.apply()
    html = text_of(smtp.messages[0], "html")
    assert "<script>" not in html
    assert "Sold well &lt;script&gt;" in html
    assert "Orders &lt;script&gt;" in html
    assert HOSTILE in text_of(smtp.messages[0], "plain")


def test_a_line_that_begins_with_a_dot_arrives_whole(smtp: SmtpServer) -> None:
    subscribed("ada")
    planned(a_version(content=Content(".5 percent more than before.", [])))
    deliver.apply()
    assert "\n.5 percent more" in text_of(smtp.messages[0], "plain").replace("\r", "")


def test_a_title_with_a_new_line_or_another_script_makes_no_header(smtp: SmtpServer) -> None:
    report = a_report(title="Umsätze\r\nBcc: eve@example.org 売上")
    subscribed("ada", report=report)
    planned()
    deliver.apply()
    [mail] = smtp.messages
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Umsätze Bcc: eve@example.org 売上, ")


def test_a_file_over_the_cap_is_a_link(smtp: SmtpServer, settings: Settings) -> None:
    settings.REPORT_ATTACHMENTS_KB = 1
    subscribed("ada", attached_formats=["csv", "pdf", "xlsx"])
    planned(with_files(a_version(), csv=900, pdf=1100))
    deliver.apply()
    [mail] = smtp.messages
    assert [part.get_filename() for part in mail.iter_attachments()] == ["sales-2026-11-22-v1.csv"]
    assert "PDF (1.1\N{NO-BREAK SPACE}KB) is too large for a mail" in text_of(mail, "plain")


def test_everybody_gets_their_own_way_out_over_one_connection(smtp: SmtpServer) -> None:
    outside(30)
    planned()
    assert deliver.apply().get() == {"sent": 30}
    assert smtp.connections == 1
    assert len({mail["List-Unsubscribe"] for mail in smtp.messages}) == 30
    assert len({mail["Message-ID"] for mail in smtp.messages}) == 30
    assert all(
        text_of(mail, kind).count(mail["List-Unsubscribe"].strip("<>")) == 1
        for mail in smtp.messages
        for kind in ("plain", "html")
    )


def test_nobody_gets_a_version_twice_however_often_it_is_planned_and_sent(
    smtp: SmtpServer,
) -> None:
    subscribed("ada", "bob")
    Subscription.objects.create(report=a_report(), address="ADA@example.org")
    version = planned()
    for _ in range(2):
        planned(version)
        deliver.apply()
    assert sorted(smtp.recipients) == ["ada@example.org", "bob@example.org"]
    assert states() == {"ada": "sent", "bob": "sent"}


def test_refused_greylisted_and_odd_addresses_are_written_down_and_stop_nobody(
    smtp: SmtpServer,
) -> None:
    smtp.refused = {"bob@example.org"}
    subscribed("ada", "bob", "cleo", "dora")
    User.objects.filter(username="cleo").update(email="cleo@example.org>\r\nDATA")
    planned()
    assert deliver.apply().get() == {"sent": 2, "refused": 2}
    refused = ReportDelivery.objects.get(address="bob@example.org")
    assert (refused.smtp_code, refused.error) == (550, "5.1.1 No such person here")
    odd = ReportDelivery.objects.get(address__startswith="cleo")
    assert "not an address" in odd.error


def test_who_is_greylisted_waits_and_gets_it_at_the_next_try(smtp: SmtpServer) -> None:
    smtp.greylisted = 1
    subscribed("ada")
    planned()
    before = timezone.now()
    assert deliver.apply().get() == {"waiting": 1}
    waiting = ReportDelivery.objects.get()
    assert (waiting.smtp_code, waiting.attempts) == (451, 1)
    assert waiting.send_after_at >= before + timedelta(minutes=1)
    assert deliver.apply().get() == {}
    make_all_due()
    assert deliver.apply().get() == {"sent": 1}
    assert smtp.recipients == ["ada@example.org"]


def test_what_is_put_off_for_a_day_is_refused(smtp: SmtpServer) -> None:
    smtp.greylisted = 100
    subscribed("ada")
    planned()
    ReportDelivery.objects.update(attempts=40)
    assert deliver.apply().get() == {"refused": 1}


def test_a_connection_that_closes_before_the_mail_was_sent_costs_nobody_a_mail(
    smtp: SmtpServer,
) -> None:
    smtp.closing = {"bob@example.org"}
    subscribed("ada", "bob", "cleo")
    planned()
    assert deliver.apply().get() == {"sent": 2, "waiting": 1}
    make_all_due()
    assert deliver.apply().get() == {"sent": 1}
    assert sorted(smtp.recipients) == ["ada@example.org", "bob@example.org", "cleo@example.org"]


def test_a_connection_that_breaks_before_the_answer_leaves_a_doubt_that_nobody_sends_again(
    smtp: SmtpServer,
) -> None:
    smtp.vanishing = {"bob@example.org"}
    subscribed("ada", "bob", "cleo")
    planned()
    assert deliver.apply().get() == {"sent": 2, "doubtful": 1}
    make_all_due()
    assert deliver.apply().get() == {}
    assert states() == {"ada": "sent", "bob": "doubtful", "cleo": "sent"}
    assert len(smtp.messages) == 3


def test_a_server_that_is_away_fails_the_run_and_costs_nothing(smtp: SmtpServer) -> None:
    subscribed("ada", "bob", "cleo", "dora")
    planned()
    smtp.stop()
    problem = deliver.apply().result
    assert isinstance(problem, MailServerAwayError)
    assert "4 mails wait" in str(problem)
    assert set(ReportDelivery.objects.values_list("attempts", "sender")) == {(0, None)}
    smtp.start()
    assert deliver.apply().get() == {"sent": 4}


def test_mails_go_at_each_readers_local_time(smtp: SmtpServer) -> None:
    now = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    subscribed("ada", zone="Europe/Berlin", send_at="08:00")
    subscribed("bob", zone="Asia/Tokyo", send_at="08:00")
    subscribed("cleo")
    version = a_version()
    assert plan_deliveries(version, now) == 3
    at = dict(ReportDelivery.objects.values_list("address", "send_after_at"))
    assert at["ada@example.org"] == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert at["bob@example.org"] == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert at["cleo@example.org"] == now


def test_who_wants_it_only_under_a_condition_gets_a_reason_instead(smtp: SmtpServer) -> None:
    above = {"figure": "Orders", "is": "above", "value": 2000}
    subscribed("ada", condition=above)
    subscribed("bob", only_if_not_empty=True)
    subscribed("cleo", condition={"figure": "Orders", "is": "changed"})
    a_version()
    planned(a_version(row_count=0))
    assert deliver.apply().get() == {}
    reasons = dict(ReportDelivery.objects.values_list("address", "error"))
    assert reasons == {
        "ada@example.org": '"Orders" is 1,234; it is wanted only when "Orders" is above 2,000.',
        "bob@example.org": "It is empty, and is wanted only when it is not.",
        "cleo@example.org": '"Orders" is 1,234; it is wanted only when "Orders" has changed.',
    }
    assert set(states().values()) == {DeliveryState.NOT_WANTED}


def test_who_lost_the_right_left_or_is_gone_gets_no_mail(smtp: SmtpServer) -> None:
    readers = Group.objects.create(name="Readers")
    report = a_report()
    report.groups.add(readers)
    subscribed("ada", "bob", "cleo", "dora")
    readers.user_set.set(User.objects.all())
    planned()
    User.objects.get(username="ada").groups.clear()
    Subscription.objects.filter(user__username="bob").update(enabled=False)
    Subscription.objects.filter(user__username="cleo").delete()
    assert deliver.apply().get() == {"sent": 1, "not wanted": 3}
    assert smtp.recipients == ["dora@example.org"]
    reasons = dict(ReportDelivery.objects.values_list("address", "error"))
    assert reasons["ada@example.org"] == "This person may no longer read the report."
    assert reasons["bob@example.org"] == "It was unsubscribed before the mail was sent."


@pytest.mark.parametrize("is_for_all", [True, False])
def test_the_two_ways_to_ask_who_may_read_agree(is_for_all: bool) -> None:
    readers = Group.objects.create(name="Readers")
    report = a_report()
    subscribed("ada", "bob", "cleo", "dora", "eve")
    User.objects.filter(username="cleo").update(is_superuser=True)
    User.objects.get(username="dora").groups.add(readers)
    Report.objects.filter(pk=report.pk).update(owner=User.objects.get(username="bob"))
    report.refresh_from_db()
    if not is_for_all:
        report.groups.set([readers, Group.objects.create(name="Others")])
    people = list(User.objects.all())
    one_by_one = {one.pk for one in people if Report.objects.readable_by(one).exists()}
    assert report.readers_among({one.pk for one in people}) == one_by_one


def test_a_domain_gets_as_many_mails_per_minute_as_its_limit_says(settings: Settings) -> None:
    settings.MAILS_PER_MINUTE_PER_DOMAIN = 2
    outside(5)
    Subscription.objects.create(report=a_report(), address="solo@example.net")
    plan_deliveries(a_version(), DUE)
    first, second = new_sender(DUE), new_sender(DUE)
    assert [one.address for one in claim(first, DUE)] == [
        "reader-0@example.org", "reader-1@example.org", "solo@example.net",
    ]  # fmt: skip
    free = ReportDelivery.objects.filter(sender=None)
    waits = [row.send_after_at - DUE for row in free.order_by("pk")]
    assert waits == [MINUTE, MINUTE, 2 * MINUTE], "spread over the next minutes"
    free.update(send_after_at=DUE)
    assert claim(second, DUE + MINUTE / 2) == [], "a minute's places are taken once, by whomever"
    free.update(send_after_at=DUE)
    assert len(claim(second, DUE + MINUTE)) == 2


def test_a_version_whose_mail_cannot_be_written_does_not_stop_the_others(
    smtp: SmtpServer,
) -> None:
    subscribed("ada")
    broken = planned(a_version())
    Version.objects.filter(pk=broken.pk).update(content={"unknown": True})
    planned(a_version())
    assert deliver.apply().get() == {"sent": 1, "waiting": 1}
    assert "could not be written" in ReportDelivery.objects.get(version=broken).error
