"""A worker dies after the mail server took a thank-you mail and before the row says so."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from jobs.feedback.models import FeedbackMessage, Thanks
from jobs.feedback.tasks import thank_waiting
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import celery_worker
from tests.servers.smtp import SmtpServer
from tests.waiting import wait_until

FILLED = {"email": "ada@example.org", "message": "I like the weekly report."}


@pytest.mark.django_db(transaction=True)
def test_the_one_doubtful_mail_goes_out_once_more_once_the_death_is_known_with_the_same_id(
    broker: RedisServer, smtp: SmtpServer, tmp_path: Path
) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log") as worker:
        smtp.before_answer = worker.kill
        assert Client().post("/feedback/", FILLED).status_code == 302
        smtp.wait_for(1)
        wait_until(lambda: worker.process.poll() is not None, "the worker to be dead")
    smtp.before_answer = lambda: None

    sweep()
    assert len(smtp.messages) == 1, "nobody sends while the ledger believes the sender alive"
    assert FeedbackMessage.objects.get().thanks == Thanks.WAITING

    Run.objects.filter(task="feedback.thank").update(state=State.LOST)
    for _ in range(2):
        sweep()
    assert FeedbackMessage.objects.get().thanks == Thanks.THANKED
    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]


def sweep() -> None:
    """Run the sweep as if it were every message's turn."""
    FeedbackMessage.objects.update(try_again_at=timezone.now())
    thank_waiting.apply()
