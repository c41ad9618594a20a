"""What an error of the broker means, and what to do about it."""

import socket

import redis
from redis.exceptions import NoPermissionError

WRONG_ADDRESS = "Start it, or correct REDIS_URL (or CELERY_BROKER_URL)."
SLOW = "Look for a firewall, an overloaded broker, or (with rediss://) one that speaks no TLS."

# The first kind that fits counts, so that the narrower ones stand first.
BY_KIND: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        redis.AuthenticationError,
        "The broker refuses to talk without the right password",
        "Write it into the address: redis://:password@host:6379/0",
    ),
    (
        redis.BusyLoadingError,
        "The broker is still loading its data",
        "Wait: nothing is lost, and the workers go on by themselves.",
    ),
    (
        NoPermissionError,
        "The broker does not allow this user what is needed",
        "Give its ACL +@all on every key and channel of this database.",
    ),
    (
        redis.ReadOnlyError,
        "The broker is a replica and takes no messages",
        "Let the address name the primary server.",
    ),
    (
        redis.InvalidResponse,
        "What listens is not a Redis",
        "Correct host and port of REDIS_URL (or CELERY_BROKER_URL).",
    ),
)

# Words of messages that come without a kind of their own.
BY_WORD = (
    (
        "MISCONF",
        "The broker refuses to take messages because it cannot write its snapshot",
        "Look into its log: mostly its disk is full or its folder is not writable.",
    ),
    (
        "max number of clients",
        "The broker has no connection left",
        "Raise its maxclients, or run fewer processes.",
    ),
    ("refused", "Nobody listens", WRONG_ADDRESS),
    ("No such file", "There is no socket", WRONG_ADDRESS),
    ("certificate", "The broker's certificate is not trusted", "Install its authority here."),
    ("SSL", "The broker does not speak TLS", "Use redis:// in place of rediss://, or other ports."),
    (
        "closed by server",
        "The broker closes the connection at once",
        "Does it want TLS (rediss://), or is it no Redis at all?",
    ),
    ("Name or service", "The name of the broker is unknown", WRONG_ADDRESS),
    ("name resolution", "The name of the broker is unknown", WRONG_ADDRESS),
    ("No address", "The name of the broker is unknown", WRONG_ADDRESS),
)


def explain(error: BaseException) -> tuple[str, str]:
    """Return what is wrong, to be followed by the place, and what to do."""
    for kind, sentence, advice in BY_KIND:
        if isinstance(error, kind):
            return sentence, advice
    for word, sentence, advice in BY_WORD:
        if word.lower() in str(error).lower():
            return sentence, advice
    if isinstance(error, redis.TimeoutError | socket.timeout):
        return "No answer came in time", SLOW
    return "The broker cannot be used", WRONG_ADDRESS
