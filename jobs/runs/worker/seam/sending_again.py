"""The next attempt of a run that the ledger cannot hold whole: Celery's own message carries it.

It waits in a worker's memory, as Celery's retries do; there is no other place for it.
"""

from datetime import datetime
from typing import Any

import structlog
from celery import Task
from celery.app.task import Context

from jobs.runs.message_headers import ATTEMPT_HEADER

logger = structlog.get_logger(__name__)


def send_itself(
    task: Task[Any, Any],
    request: Context,
    attempt: int,
    publish_at: datetime,
    options: dict[str, Any],
) -> Exception | None:
    """Send the attempt; return the problem when that failed."""
    signature: Any = task.signature_from_request(request, retries=request.retries)
    chosen = {**signature.options, **options}
    args, kwargs = chosen.pop("args", signature.args), chosen.pop("kwargs", signature.kwargs)
    chosen.pop("countdown", None)
    chosen["headers"] = {**(chosen.get("headers") or {}), ATTEMPT_HEADER: attempt}
    chosen["eta"] = publish_at
    try:
        # Not the task's own `apply_async`, which would keep it in the ledger.
        Task.apply_async(task, args, kwargs, **chosen)
    except Exception as problem:
        # Serialisers and routers may raise anything.
        logger.exception("the next attempt could not be sent", run=str(request.id))
        return problem
    return None
