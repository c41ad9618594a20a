"""Starting to send at once; without it the sweep of the next minute does the same."""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from jobs.reports.models import Version

TASK = "reports.deliver"

logger = structlog.get_logger(__name__)


def start_sending(version: Version) -> None:
    """Publish a run that sends what is due, as soon as the transaction is committed.

    A broker that is away is no error: the mails wait in their rows for the sweep.
    """
    transaction.on_commit(partial(_publish, version.pk))


def _publish(version_pk: int) -> None:
    try:
        current_app.tasks[TASK].apply_async()
    except (OperationalError, OSError) as problem:
        logger.warning("mails wait for the next sweep", version=version_pk, error=str(problem))
