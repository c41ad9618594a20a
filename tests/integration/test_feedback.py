"""Feedback: kept at once, thanked for once, over a real mail server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs.feedback.limits import MESSAGES_PER_EMAIL, MESSAGES_PER_SENDER, WINDOW
from jobs.feedback.models import FeedbackMessage, Thanks
from jobs.feedback.tasks import ThanksPostponedError, thank, thank_waiting
from jobs.feedback.thanking import settle, thank_once
from jobs.mails.outcomes import SENT, Outcome, Result
from jobs.mails.sending import Post
from jobs.runs.models import Run
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import celery_worker
from tests.servers.smtp import SmtpServer
from tests.waiting import wait_until

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILLED = {"name": "Ada", "email": "ada@example.org", "message": "I like the weekly report."}


def message(**changes: Any) -> FeedbackMessage:
    """Return a saved message that waits to be thanked for and is due for the sweep."""
    now = timezone.now()
    values = {"made_at": now, "try_again_at": now, "sender_key": "a", **FILLED, **changes}
    return FeedbackMessage.objects.create(**values)


def thanks_of(kept: FeedbackMessage) -> str:
    """Return where the thanks stand in the database."""
    kept.refresh_from_db()
    return kept.thanks


@pytest.fixture
def stopped_broker(broker: RedisServer) -> Iterator[RedisServer]:
    """Stop Redis, to which this process had a connection, for the time of a test."""
    thank.delay(0)
    broker.stop()
    yield broker
    broker.start()


@pytest.fixture
def full_broker(broker: RedisServer) -> Iterator[None]:
    """Make Redis refuse to write, as one whose memory is used up does."""
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", 1)
        yield
        client.config_set("maxmemory", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["broker", "stopped_broker", "full_broker"])
def test_a_message_is_kept_and_answered_at_once_however_the_broker_is(
    trouble: str, stranger_client: Client, no_pauses: None, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(trouble)
    answer = stranger_client.post("/feedback/", FILLED)
    assert (answer.status_code, answer["Location"]) == (302, "/feedback/thanks/")
    kept = FeedbackMessage.objects.get()
    assert (kept.name, kept.email, kept.thanks) == ("Ada", "ada@example.org", Thanks.WAITING)
    assert stranger_client.get("/feedback/thanks/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_task_is_published_when_others_see_the_message(
    stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def publish(pk: int) -> None:
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(_exists, pk).result())

    monkeypatch.setattr(thank, "delay", publish)
    stranger_client.post("/feedback/", FILLED)
    assert seen == [True]


def _exists(pk: int) -> bool:
    try:
        return FeedbackMessage.objects.filter(pk=pk).exists()
    finally:
        connection.close()


def test_a_form_with_errors_keeps_nothing_and_says_what_to_mend(stranger_client: Client) -> None:
    answer = stranger_client.post("/feedback/", {**FILLED, "email": "nobody"})
    assert answer.status_code == 422
    assert b"Write a whole e-mail address" in answer.content
    assert not FeedbackMessage.objects.exists()


def test_the_form_knows_who_is_signed_in(viewer_client: Client) -> None:
    assert b'value="viewer@example.org"' in viewer_client.get("/feedback/").content


def test_a_message_sent_from_another_site_is_refused(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/feedback/", FILLED)
    assert answer.status_code == 403
    assert not FeedbackMessage.objects.exists()


def test_a_robot_is_thanked_and_forgotten(stranger_client: Client) -> None:
    answer = stranger_client.post("/feedback/", {**FILLED, "website": "https://example.org"})
    assert answer["Location"] == "/feedback/thanks/"
    assert not FeedbackMessage.objects.exists()


def test_what_people_wrote_is_shown_as_text(admin_client: Client) -> None:
    kept = message(name="<b>Ada</b>", message="<script>alert(1)</script>")
    page = admin_client.get(f"/admin/feedback/feedbackmessage/{kept.pk}/change/").content
    assert b"<script>alert(1)" not in page
    assert b"&lt;script&gt;alert(1)" in page


def test_a_sender_may_write_a_few_times_an_hour(stranger_client: Client) -> None:
    for number in range(MESSAGES_PER_SENDER):
        stranger_client.post("/feedback/", {**FILLED, "email": f"ada{number}@example.org"})
    answer = stranger_client.post("/feedback/", {**FILLED, "email": "another@example.org"})
    assert answer.status_code == 429
    assert b"Send this one after" in answer.content
    assert 3500 < int(answer["Retry-After"]) <= 3600
    assert FeedbackMessage.objects.count() == MESSAGES_PER_SENDER
    elsewhere = Client(REMOTE_ADDR="192.0.2.9").post("/feedback/", FILLED)
    assert elsewhere.status_code == 302


def test_nobody_can_have_us_fill_a_strangers_mailbox(db: None) -> None:
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/feedback/", FILLED).status_code
        for number in range(MESSAGES_PER_EMAIL + 1)
    ]
    assert answers == [302] * MESSAGES_PER_EMAIL + [429]


def test_after_an_hour_a_sender_may_write_again(stranger_client: Client) -> None:
    for _ in range(MESSAGES_PER_EMAIL):
        stranger_client.post("/feedback/", FILLED)
    FeedbackMessage.objects.update(made_at=timezone.now() - WINDOW)
    assert stranger_client.post("/feedback/", FILLED).status_code == 302


@pytest.mark.django_db
def test_a_worker_thanks_with_text_and_html(smtp: SmtpServer) -> None:
    kept = message()
    assert thank.apply(args=(kept.pk,)).get()["result"] == Result.SENT
    [mail] = smtp.messages
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Thank you for your feedback")
    assert (mail["From"], mail["Auto-Submitted"]) == (
        "Punctual <punctual@localhost>",
        "auto-replied",
    )
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello Ada," in text.get_content()
    assert 'style="' in html.get_content()
    assert FILLED["message"] not in mail.as_string()
    kept.refresh_from_db()
    assert (kept.thanks, kept.trouble) == (Thanks.THANKED, "")
    assert kept.thanked_at is not None


@pytest.mark.django_db
def test_who_was_thanked_is_never_thanked_again(smtp: SmtpServer) -> None:
    kept = message()
    for _ in range(2):
        thank.apply(args=(kept.pk,))
    thank_waiting.apply()
    assert len(smtp.messages) == 1


@pytest.mark.django_db
def test_a_name_cannot_add_a_header_or_markup(smtp: SmtpServer) -> None:
    kept = message(name="Ada\r\nBcc: everybody@example.org <b>")
    thank.apply(args=(kept.pk,))
    [mail] = smtp.messages
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()


@pytest.mark.django_db
def test_a_postponed_mail_is_tried_again_by_the_task_itself(smtp: SmtpServer) -> None:
    smtp.greylisted = 2
    kept = message()
    done = thank.apply(args=(kept.pk,))
    assert done.get()["result"] == Result.SENT
    assert len(smtp.messages) == 1
    assert Run.objects.get(id=done.id).attempt == 3


@pytest.mark.django_db
def test_a_refusal_is_kept_in_the_servers_words_and_not_tried_again(smtp: SmtpServer) -> None:
    smtp.refused = {"ada@example.org"}
    kept = message()
    assert thank.apply(args=(kept.pk,)).get()["result"] == Result.REFUSED
    assert thanks_of(kept) == Thanks.REFUSED
    assert kept.trouble == "550 5.1.1 No such person here"
    smtp.refused = set()
    thank.apply(args=(kept.pk,))
    assert smtp.messages == []


@pytest.mark.django_db
def test_when_the_server_is_away_the_task_gives_up_and_the_sweep_thanks_later(
    smtp: SmtpServer,
) -> None:
    kept = message()
    smtp.stop()
    failed = thank.apply(args=(kept.pk,))
    assert isinstance(failed.result, ThanksPostponedError)
    assert thanks_of(kept) == Thanks.WAITING
    assert "Connection refused" in kept.trouble
    smtp.start()
    assert thank_waiting.apply().get()[Result.SENT] == 0, "it waits its turn"
    FeedbackMessage.objects.update(try_again_at=timezone.now())
    assert thank_waiting.apply().get()[Result.SENT] == 1
    assert thanks_of(kept) == Thanks.THANKED
    assert len(smtp.messages) == 1


@pytest.mark.django_db
def test_the_sweep_thanks_everybody_over_one_connection_whoever_is_refused(
    smtp: SmtpServer,
) -> None:
    smtp.refused = {"b@example.org"}
    for name in "abc":
        message(email=f"{name}@example.org")
    counts = thank_waiting.apply().get()
    assert (counts[Result.SENT], counts[Result.REFUSED]) == (2, 1)
    assert smtp.recipients == ["a@example.org", "c@example.org"]
    assert smtp.connections == 1


@pytest.mark.django_db
def test_the_sweep_leaves_a_new_message_to_its_own_task(smtp: SmtpServer) -> None:
    message(try_again_at=timezone.now() + timedelta(seconds=30))
    thank_waiting.apply()
    assert smtp.messages == []


@pytest.mark.django_db
def test_a_message_that_was_deleted_is_nothing_to_do(smtp: SmtpServer) -> None:
    assert "nothing to do" in thank.apply(args=(1,)).get()["result"]


# One sender at a time


@pytest.mark.django_db
@pytest.mark.parametrize(
    "later", [Outcome(Result.REFUSED, "550"), Outcome(Result.POSTPONED, "451")]
)
def test_a_slow_sender_cannot_undo_what_another_did(later: Outcome) -> None:
    kept = message()
    assert settle(kept, SENT, NOW)
    assert not settle(kept, later, NOW)
    assert thanks_of(kept) == Thanks.THANKED


@pytest.mark.django_db
def test_a_mail_that_was_sent_is_recorded_in_any_case() -> None:
    kept = message()
    assert settle(kept, Outcome(Result.REFUSED, "550"), NOW)
    assert settle(kept, SENT, NOW)
    assert thanks_of(kept) == Thanks.THANKED


@pytest.mark.django_db
def test_a_mail_whose_row_was_not_written_is_not_sent_again(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = message()
    with monkeypatch.context() as broken, Post() as post:
        broken.setattr("jobs.feedback.thanking.settle", lambda *_: False)
        thank_once(kept.pk, post, NOW)
    assert thanks_of(kept) == Thanks.WAITING
    thank.apply(args=(kept.pk,))
    assert thanks_of(kept) == Thanks.THANKED
    assert len(smtp.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends(smtp: SmtpServer) -> None:
    kept = message()
    start = Barrier(4)

    def work() -> Outcome | None:
        try:
            start.wait()
            with Post() as post:
                return thank_once(kept.pk, post, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        for worker in [workers.submit(work) for _ in range(4)]:
            worker.result()
    assert len(smtp.messages) == 1
    assert thanks_of(kept) == Thanks.THANKED


@pytest.mark.django_db(transaction=True)
def test_a_message_from_the_page_is_thanked_for_by_a_real_worker(
    stranger_client: Client, broker: RedisServer, smtp: SmtpServer, tmp_path: Any
) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log"):
        assert stranger_client.post("/feedback/", FILLED).status_code == 302
        [mail] = smtp.wait_for(1)
        assert mail["To"] == "ada@example.org"
        kept = FeedbackMessage.objects.get()
        wait_until(lambda: thanks_of(kept) == Thanks.THANKED, "the message to be thanked for")
        wait_until(lambda: Run.objects.get().state == "succeeded", "the run to end")


# What becomes of messages
