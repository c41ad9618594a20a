"""Workers that send a report to many people are killed in the middle, again and again.

FAULT_RECIPIENTS and FAULT_KILLS make it as large as wanted; the suite runs a short form.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from pytest_django import Settings

from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import DeliveryState, ReportDelivery, Subscription
from scheduler_site.development.redis_server import RedisServer
from tests.faults.workers import LEASE_SECONDS, Workers
from tests.integration.mailed_reports import a_report, make_all_due, planned
from tests.servers.celery_processes import celery_beat
from tests.servers.smtp_process import SmtpProcess
from tests.waiting import wait_until

RECIPIENTS = int(os.environ.get("FAULT_RECIPIENTS", "300"))
KILLS = int(os.environ.get("FAULT_KILLS", "2"))
# A hundredth of each kind of difficulty, two at least.
DIFFICULT = max(2, RECIPIENTS // 100)


@pytest.mark.django_db(transaction=True)
def test_everybody_gets_exactly_one_mail_however_often_the_sender_is_killed(
    broker: RedisServer, settings: Settings, tmp_path: Path
) -> None:
    _subscribe_all()
    planned()
    lease = str(LEASE_SECONDS)
    with SmtpProcess(tmp_path, pause_seconds=2 / RECIPIENTS) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        beat = celery_beat(broker.url, tmp_path / "beat.log", WORKER_LEASE_SECONDS=lease)
        with beat, Workers(broker.url, tmp_path) as workers:
            deliver.delay()
            for number in range(1, KILLS + 1):
                # One process: two senders would have two mails in flight.
                worker = workers.ready("-c", "1")
                server.wait_for(number * RECIPIENTS * 9 // 10 // (KILLS + 1))
                workers.kill(worker)
            workers.ready("-c", "1")
            wait_until(_only_difficult_ones_wait, "the first round to end", 200)
            # The sweep of a later minute takes what was put off.
            make_all_due()
            deliver.delay()
            wait_until(lambda: not _open(), "all to be settled", 200)
        _check(Counter(server.taken))


def _open() -> int:
    return ReportDelivery.objects.filter(state=DeliveryState.WAITING).count()


def _subscribe_all() -> None:
    """Let everybody get the report, the difficult ones among the others."""
    kinds = {0: "refused", 1: "grey", 2: "closing"}
    every, report = RECIPIENTS // DIFFICULT, a_report()
    names = (f"{kinds.get(at % every, 'reader')}-{at}" for at in range(every * DIFFICULT))
    rows = [Subscription(report=report, address=f"{name}@example.org") for name in names]
    Subscription.objects.bulk_create(rows, batch_size=1000)


def _only_difficult_ones_wait() -> bool:
    untried = ReportDelivery.objects.filter(state=DeliveryState.WAITING, attempts=0)
    assert not untried.exists(), f"{untried.count()} have not been tried"
    return True


def _check(taken: Counter[str]) -> None:
    """Compare what the ledger says with what the mail server has taken."""
    states: dict[str, set[str]] = {}
    for address, state in ReportDelivery.objects.values_list("address", "state"):
        states.setdefault(state, set()).add(address)
    doubtful = states.pop("doubtful", set())
    print(f"{sum(taken.values())} mails, {KILLS} kills, {len(doubtful)} doubtful")
    assert taken.most_common(1)[0][1] == 1, "nobody got two"
    assert states["sent"] <= set(taken), "whoever counts as sent got it"
    assert set(taken) <= states["sent"] | doubtful, "whoever got it counts as sent, or as doubtful"
    assert len(doubtful) <= KILLS
    assert len(states["refused"] - doubtful) == DIFFICULT - _refused_among(doubtful)
    assert len(states["sent"]) + len(doubtful - states["refused"]) == RECIPIENTS - len(
        states["refused"]
    )


def _refused_among(addresses: set[str]) -> int:
    return sum(address.startswith("refused-") for address in addresses)
