"""What the messages of several runs share, and by which keys it is known."""

from dataclasses import dataclass
from typing import Any

from beat.publish.contents import Content
from beat.publish.redis_texts import RedisText
from jobs.runs.publishing import Outgoing


@dataclass(frozen=True)
class Template:
    """A message that was built in full, of which copies are patched; `key` says of which."""

    key: str
    headers: dict[str, Any]
    options: dict[str, Any]


@dataclass
class Form:
    """What the messages of runs have in common that share their very arguments and headers.

    `shared` keeps these alive, since a form is known by their identity. `text` is made when the
    first one is sent: None where there can be none.
    """

    template: Template
    content: Content
    shared: tuple[Any, ...]
    is_text_made: bool = False
    text: RedisText | None = None


class Capture:
    """Stands where a producer would, and keeps what it is given to publish."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def publish(self, _body: object, **options: Any) -> None:
        self.options = options


def identity_of(run: Outgoing) -> tuple[Any, ...]:
    """Return the key of the run's form; cheap, and never the same for runs of different kinds."""
    return (
        id(run.args),
        id(run.kwargs),
        id(run.headers),
        run.task,
        run.queue,
        run.exchange,
        run.routing_key,
        run.priority,
        run.attempt,
        run.expires_at is None,
        run.soft_time_limit_seconds,
        run.time_limit_seconds,
    )


def template_key(run: Outgoing) -> str:
    """Return what the messages of two runs must share for one to be a patched copy."""
    return repr(
        (
            run.task,
            run.queue,
            run.exchange,
            run.routing_key,
            run.priority,
            run.headers,
            run.attempt,
            run.expires_at is None,
            run.soft_time_limit_seconds,
            run.time_limit_seconds,
        )
    )


def is_plain(template: Template) -> bool:
    """Return whether a copy needs no more than new values: text that is not compressed."""
    return template.options["serializer"] == "json" and not template.options["compression"]
