"""Connections to PostgreSQL that the server ends while a worker keeps them."""

from pathlib import Path

import pytest
from django.db import connection

from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.seam_worker import seam_worker, wait_for_end

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="needs TEST_DATABASE=postgresql"
    ),
]


def test_a_connection_is_kept_from_task_to_task_and_made_anew_when_it_is_lost(
    broker: RedisServer, tmp_path: Path
) -> None:
    with seam_worker(broker.url, tmp_path / "worker.log"):
        kept = wait_for_end(*(seam_tasks.whose.delay() for _ in range(10)))
        assert len({run.result for run in kept}) <= 2
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        new = wait_for_end(*(seam_tasks.whose.delay() for _ in range(10)))
    assert {run.state for run in new} == {State.SUCCEEDED}
    assert not {run.result for run in new} & {run.result for run in kept}
