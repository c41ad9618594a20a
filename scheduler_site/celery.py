"""The Celery app: `celery -A scheduler_site worker` and `celery -A scheduler_site beat`."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")

# As kombu's own, without a new client for each message.
TRANSPORT_ALIASES.update(
    redis="jobs.runs.worker.consuming.redis_transport:Transport",
    rediss="jobs.runs.worker.consuming.redis_transport:Transport",
    sentinel="jobs.runs.worker.consuming.redis_transport:SentinelTransport",
)
app = Celery(
    "scheduler_site",
    task_cls="jobs.runs.worker.seam.task:RecordedTask",
    fixups=["jobs.runs.worker.database.connections:fixup"],
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("jobs.runs.worker.liveness.life:LifeStep")


@setup_logging.connect
def keep_our_logging(loglevel: int | None = None, **_: Any) -> None:
    """Write worker and beat logs as all others; `-l debug` on their command line still counts.

    Celery leaves logging alone when somebody answers this signal.
    """
    logging.config.dictConfig(settings.LOGGING)
    root = logging.getLogger()
    if loglevel is not None and loglevel < root.level:
        root.setLevel(loglevel)
