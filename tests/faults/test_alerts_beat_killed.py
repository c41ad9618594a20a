"""Beat is killed, and a worker alone tells of it, without a broker too."""

from pathlib import Path

import pytest

from jobs.alerts.models import Alert, Trouble, Watch
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import CeleryProcess, celery_worker, process_environment
from tests.servers.smtp import SmtpServer
from tests.waiting import wait_until

# Longer than the two seconds between two signs of a beat.
SILENT_SECONDS = "4"


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database("sqlite")
def test_workers_tell_by_mail_that_no_beat_ticks_and_when_one_is_back(
    broker: RedisServer, smtp: SmtpServer, tmp_path: Path
) -> None:
    variables = {"ALERTS_TO": "ops@example.org", "BEAT_SILENT_SECONDS": SILENT_SECONDS}
    log, environment = tmp_path / "beat.log", process_environment(broker.url)
    with celery_worker(broker.url, tmp_path / "worker.log", **variables) as worker:
        assert smtp.wait_for(1)[0]["Subject"] == "Beat is silent"
        beat = CeleryProcess(["beat"], log, environment)
        try:
            assert smtp.wait_for(2)[1]["Subject"] == "In order again: Beat"
        finally:
            beat.kill()
        broker.stop()
        # A slow machine's beat may have been silent once more before that.
        wait_until(is_told_of_silence, "the death of beat to be told")
        assert smtp.messages[-1]["Subject"] == "Beat is silent"
        assert smtp.recipients == ["ops@example.org"] * len(smtp.messages)
        broker.start()
        looked_at = Watch.objects.get().beat_looked_at
        wait_until(lambda: Watch.objects.get().beat_looked_at > looked_at, "another look")
        assert worker.process.poll() is None


def is_told_of_silence() -> bool:
    """Return whether an alert of beat goes on, and everybody was told of it."""
    going_on = Alert.objects.filter(over_at=None, trouble=Trouble.SILENT)
    return going_on.filter(told_at__isnull=False).exists()
