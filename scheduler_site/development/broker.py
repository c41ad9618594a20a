"""The Redis of a development run: the one that REDIS_URL names, or a server of our own."""

import time
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.redis_server import RedisServer

LOADING_PATIENCE_SECONDS = 20.0


class OwnRedis:
    """Our own server as the supervisor sees it."""

    name = "redis"

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    @property
    def pid(self) -> int:
        """The id of the server's process."""
        return self._server.pid

    def start(self) -> None:
        """Start the server on its port with its data; raises RedisServerError."""
        self._server.start()

    def is_running(self) -> bool:
        """Return whether the server lives."""
        return self._server.is_running()

    def ending(self) -> str:
        """Return that it ended and where its log is."""
        return f"ended; its log is {self._server.log_path}"

    def sweep(self) -> None:
        """Kill the server if it lives; it has no children that would stay."""
        self._server.kill()

    def stop(self) -> None:
        """Let the server write its data and end."""
        self._server.stop()


def require_answer(url: str) -> None:
    """Return when the Redis at `url` answers PING; raise DevelopmentError with why it does not.

    One that still loads its data gets LOADING_PATIENCE_SECONDS.
    """
    give_up_at = time.monotonic() + LOADING_PATIENCE_SECONDS
    while True:
        try:
            return _ping(url)
        except redis.BusyLoadingError as problem:
            if time.monotonic() > give_up_at:
                raise DevelopmentError(_refusal(url, problem)) from None
        except (redis.ConnectionError, redis.TimeoutError) as problem:
            # An AuthenticationError is a ConnectionError to redis-py, although Redis answered.
            raise DevelopmentError(_refusal(url, problem)) from None
        except (redis.RedisError, ValueError) as problem:
            raise DevelopmentError(_refusal(url, problem)) from None
        time.sleep(0.2)


def _ping(url: str) -> None:
    parts = urlsplit(url)
    once = Retry(NoBackoff(), 0)
    if parts.scheme == "redis+socket":  # Celery's word for what redis-py calls unix
        client = redis.Redis(unix_socket_path=parts.path, socket_timeout=5, retry=once)
    else:
        client = redis.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=5, retry=once, protocol=2
        )
    with client:
        client.ping()


def _refusal(url: str, problem: Exception) -> str:
    answered = isinstance(problem, redis.ResponseError | redis.AuthenticationError)
    what = "answers with an error" if answered else "cannot be used"
    return (
        f"REDIS_URL: the Redis at {without_password(url)} {what}: {str(problem).rstrip('.')}. "
        "Correct REDIS_URL or that server, or unset REDIS_URL to use one that is started for you."
    )


def without_password(url: str) -> str:
    """Return the URL as it may be printed."""
    parts = urlsplit(url)
    shown = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=shown, query="").geturl()
