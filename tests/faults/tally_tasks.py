"""A task for real workers that counts its executions in Redis, run by run, beside the ledger."""

from celery import current_task, shared_task
from django.conf import settings
from redis import Redis

EXECUTIONS = "tests:executions"


@shared_task(name="tests.tally")
def tally() -> None:
    """Count one execution of the run under way."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.hincrby(EXECUTIONS, current_task.request.id, 1)


def executions(redis_url: str) -> dict[str, int]:
    """Return how often each run was executed."""
    with Redis.from_url(redis_url, decode_responses=True) as client:
        return {run: int(count) for run, count in client.hgetall(EXECUTIONS).items()}
