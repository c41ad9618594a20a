"""Mails sent over real SMTP to the catch-all server, and the pages that show them."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse
from pytest_django import Settings

from scheduler_site.development import mailbox
from scheduler_site.development.caught_mail import MailCatcher
from scheduler_site.urls import urlpatterns as addresses

# What scheduler_site.urls adds where CAUGHT_MAIL_DIR is set.
urlpatterns = [path("development/", include("scheduler_site.development.urls")), *addresses]


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    running = MailCatcher(tmp_path / "mail")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def pages(catcher: MailCatcher, settings: Settings, viewer_client: Client) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.CAUGHT_MAIL_DIR = str(catcher.folder)
    return viewer_client


def send(catcher: MailCatcher, subject: str = "Digest", html: str = "<p>Hello</p>") -> None:
    host, port = catcher.environment()["EMAIL_HOST"], catcher.port
    mail = EmailMultiAlternatives(subject, "Hello <you>", "a@example.org", ["b@example.org"])
    mail.attach_alternative(html, "text/html")
    mail.attach("numbers ü.bin", b"\x00\xff\n", "application/octet-stream")
    mail.connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=host, port=port
    )
    mail.send()


def only_mail(catcher: MailCatcher) -> mailbox.Mail:
    (mail,) = mailbox.newest_first(catcher.folder)
    return mail


def test_a_sent_mail_is_kept_whole(catcher: MailCatcher) -> None:
    send(catcher, "Größe und 日本")
    mail = only_mail(catcher)
    assert mail.subject == "Größe und 日本"
    assert mail.recipients == "b@example.org"
    assert (mail.text or "").strip() == "Hello <you>"
    assert (mail.html or "").strip() == "<p>Hello</p>"
    assert [(one.file_name, one.content) for one in mail.attachments] == [
        ("numbers ü.bin", b"\x00\xff\n")
    ]


def test_the_pictures_of_a_mail_stand_in_its_html(catcher: MailCatcher) -> None:
    message = EmailMessage()
    message.set_content("A chart")
    message.add_alternative('<img src="cid:chart@example.org" alt="">', subtype="html")
    html_part = message.get_payload()[1]  # type: ignore[index]
    html_part.add_related(b"PNG", "image", "png", cid="<chart@example.org>")  # type: ignore[union-attr]
    with smtplib.SMTP("127.0.0.1", catcher.port) as connection:
        connection.send_message(message, "a@example.org", ["b@example.org"])
    html = only_mail(catcher).html_with_pictures or ""
    assert html.strip() == '<img src="data:image/png;base64,UE5H" alt="">'


def test_a_blind_copy_is_seen_in_the_envelope(catcher: MailCatcher) -> None:
    message = EmailMessage()
    message.set_content("For your eyes only")
    with smtplib.SMTP("127.0.0.1", catcher.port) as connection:
        connection.send_message(message, "a@example.org", ["blind@example.org"])
    mail = only_mail(catcher)
    assert mail.recipients == "blind@example.org"
    assert mail.subject == "(no subject)"


def test_a_folder_that_cannot_be_written_is_a_temporary_failure(catcher: MailCatcher) -> None:
    catcher.folder.write_text("a file where the folder should be")
    message = EmailMessage()
    message.set_content("Hello")
    refusal = pytest.raises(smtplib.SMTPDataError)
    with smtplib.SMTP("127.0.0.1", catcher.port) as connection, refusal as refused:
        connection.send_message(message, "a@example.org", ["b@example.org"])
    assert refused.value.smtp_code == 451


def test_only_the_newest_mails_are_kept(
    catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler_site.development.caught_mail.MAILS_KEPT", 2)
    for subject in ("first", "second", "third"):
        send(catcher, subject)
    assert [mail.subject for mail in mailbox.newest_first(catcher.folder)] == ["third", "second"]
    assert not list(catcher.folder.glob("*.unfinished"))


def test_the_list_shows_the_newest_mail_first(pages: Client, catcher: MailCatcher) -> None:
    send(catcher, "Older <b>")
    send(catcher, "Newer")
    page = pages.get("/development/mail/").content.decode()
    assert page.index("Newer") < page.index("Older &lt;b&gt;")


def test_an_empty_mailbox_says_what_to_do(pages: Client) -> None:
    assert "No mail was caught yet" in pages.get("/development/mail/").content.decode()


def test_a_mail_shows_its_text_and_headers_and_frames_its_html(
    pages: Client, catcher: MailCatcher
) -> None:
    send(catcher, html="<p>Never in the page itself</p>")
    name = only_mail(catcher).name
    page = pages.get(f"/development/mail/{name}/").content.decode()
    assert "Hello &lt;you&gt;" in page
    assert "X-Envelope-To" in page
    assert f'src="/development/mail/{name}/html/"' in page
    assert 'sandbox="allow-popups' in page
    assert "allow-scripts" not in page
    assert "Never in the page itself" not in page


def test_the_html_of_a_mail_can_run_and_load_nothing(pages: Client, catcher: MailCatcher) -> None:
    send(catcher, html="<script>alert(1)</script>")
    answer = pages.get(f"/development/mail/{only_mail(catcher).name}/html/")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_an_attachment_is_a_download_and_never_a_page(pages: Client, catcher: MailCatcher) -> None:
    send(catcher)
    name = only_mail(catcher).name
    answer = pages.get(f"/development/mail/{name}/attachments/1/")
    assert answer.content == b"\x00\xff\n"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert pages.get(f"/development/mail/{name}/attachments/2/").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["..", "%2e%2e%2fsecret", "..%2fsecret", "secret", "secret.eml", "%2fetc%2fpasswd", "a%00b"],
)
def test_a_name_that_leads_elsewhere_is_nobodys_name(
    pages: Client, catcher: MailCatcher, name: str
) -> None:
    catcher.folder.mkdir(exist_ok=True)
    for folder in (catcher.folder, catcher.folder.parent):
        (folder / "secret.eml").write_bytes(b"Subject: secret\r\n\r\nsecret")
    for rest in ("", "html/", "attachments/1/"):
        assert pages.get(f"/development/mail/{name}/{rest}").status_code == 404
    assert "secret" not in pages.get("/development/mail/").content.decode()


def test_a_stranger_is_sent_to_the_sign_in_page(
    pages: Client, catcher: MailCatcher, stranger_client: Client
) -> None:
    send(catcher)
    name = only_mail(catcher).name
    for address in ("", f"{name}/", f"{name}/html/", f"{name}/attachments/1/"):
        answer = stranger_client.get(f"/development/mail/{address}")
        assert (answer.status_code, answer["Location"][:7]) == (302, "/login/")


def test_outside_of_development_there_are_no_such_pages(viewer_client: Client) -> None:
    assert not django_settings.CAUGHT_MAIL_DIR
    assert viewer_client.get("/development/mail/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("development:mails")


def test_a_mail_of_an_unknown_character_set_is_shown_all_the_same(tmp_path: Path) -> None:
    name = "20250101T120000.000000Z-0123abcd"
    content = b'Content-Type: text/plain; charset="x-no-such"\r\n\r\nHello \xff'
    (tmp_path / f"{name}.eml").write_bytes(content)
    mail = mailbox.find(tmp_path, name)
    assert mail is not None
    assert mail.text == "Hello \N{REPLACEMENT CHARACTER}"
