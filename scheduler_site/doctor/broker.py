"""The broker that carries the messages: reachable, and if it is a Redis, safe for messages."""

import re
from typing import Any

import redis
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from scheduler_site.doctor.broker_errors import explain
from scheduler_site.doctor.findings import Finding, ok, problem, warning
from scheduler_site.doctor.redis_health import health_findings
from scheduler_site.doctor.wording import place, reason

SUBJECT = "broker"
TIMEOUT_SECONDS = 3
REDIS_SCHEMES = ("redis://", "rediss://", "redis+socket://")


def broker_findings(url: str, timeout_seconds: int = TIMEOUT_SECONDS) -> list[Finding]:
    """Return how the broker at `url` is: a Redis in detail, others only whether they answer."""
    if url.startswith(REDIS_SCHEMES):
        return _redis_findings(url, timeout_seconds)
    return _other_findings(url, timeout_seconds)


def _redis_findings(url: str, timeout_seconds: int) -> list[Finding]:
    try:
        with _client(url, timeout_seconds) as client:
            client.ping()
            return _health(client)
    except (redis.RedisError, OSError, ValueError) as error:
        sentence, advice = explain(error)
        return [problem(SUBJECT, f"{sentence} at {place(url)} ({reason(error)}).", advice)]


def _client(url: str, timeout_seconds: int) -> redis.Redis:
    return redis.Redis.from_url(
        redis_py_address(url),
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


def redis_py_address(url: str) -> str:
    """Return a Celery broker address in the form that redis-py reads.

    They differ in the name of a unix socket and its database, and in the words for the checking
    of certificates (kombu 5.7, redis-py 8.1).
    """
    url = re.sub(r"ssl_cert_reqs=CERT_(\w+)", lambda found: found[0][:14] + found[1].lower(), url)
    if url.startswith("redis+socket://"):
        url = url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=")
    return url


def _health(client: redis.Redis) -> list[Finding]:
    try:
        facts: dict[str, Any] = client.info()
    except redis.ResponseError as error:
        return [
            ok(SUBJECT, "It answers."),
            warning(
                SUBJECT,
                f"It does not tell how it is ({reason(error)}).",
                "Look yourself: maxmemory-policy has to be noeviction, appendonly yes.",
            ),
        ]
    return health_findings(facts, _save_points(client))


def _save_points(client: redis.Redis) -> str | None:
    """Return the rule of Redis for snapshots, or None where CONFIG is not allowed."""
    try:
        return str(client.config_get("save").get("save", ""))
    except redis.ResponseError:
        return None


def _other_findings(url: str, timeout_seconds: int) -> list[Finding]:
    try:
        with Connection(url, connect_timeout=timeout_seconds) as connection:
            connection.ensure_connection(max_retries=1, timeout=timeout_seconds)
    except (OperationalError, OSError, ValueError) as error:
        sentence, advice = explain(error)
        return [problem(SUBJECT, f"{sentence} at {place(url)} ({reason(error)}).", advice)]
    return [ok(SUBJECT, f"The broker at {place(url)} accepts connections.")]
