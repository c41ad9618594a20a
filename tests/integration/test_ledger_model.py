"""No sequence of events reaches two active attempts, a lost run, or an end that is left again."""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration import limited_tasks  # noqa: F401 -- defines the tasks
from tests.integration.ledger_model import LedgerMachine

# LEDGER_EXAMPLES asks for more in a long run. These take about ten seconds; on PostgreSQL each
# takes three times as long.
USUALLY = {"sqlite": 40, "postgresql": 16}


@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_every_run_is_accounted_for() -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=int(os.environ.get("LEDGER_EXAMPLES", USUALLY[connection.vendor])),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
