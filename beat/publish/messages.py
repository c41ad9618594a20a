"""The Celery message of a run (protocol 2), as `app.send_task` would make it.

Building a message in full costs about 46 µs. Where nothing but a run's own values differs, one
message per task and options is built in full, and copies of it are patched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Celery, signals
from celery.app.routes import MapRoute
from celery.app.task import extract_exec_options  # type: ignore[attr-defined]
from celery.utils.saferepr import saferepr
from kombu.serialization import dumps

from jobs.runs.publishing import Outgoing

# One entry per distinct arguments of a batch; what is beyond is serialised again.
CONTENTS_KEPT = 10_000

# The argument is kombu's Producer; the stubs of kombu do not know its 5.7.
Send = Callable[[Any], None]


class UnroutableError(Exception):
    """The run names an exchange that leads to no queue."""


@dataclass(frozen=True)
class _Template:
    headers: dict[str, Any]
    options: dict[str, Any]


@dataclass(frozen=True)
class _Content:
    """Arguments as they travel: the serialised body, and their short texts for logs."""

    body: str
    content_type: str
    content_encoding: str
    argsrepr: str
    kwargsrepr: str


class MessageMaker:
    """Prepares the messages of one batch; its templates live no longer than the batch."""

    def __init__(self, app: Celery, now: datetime) -> None:
        self.app = app
        self.now = now
        self._may_patch = _may_patch(app)
        self._levels = app.conf.task_repr_maxlevels
        self._templates: dict[str, _Template] = {}
        self._contents: dict[str, _Content] = {}
        self._routes: set[tuple[str, str]] = set()

    def prepare(self, run: Outgoing) -> Send:
        """Return the function that sends the run's message; raise when there can be none."""
        if not self._may_patch:
            return self._in_full(run)
        key = _template_key(run)
        template = self._templates.get(key)
        if template is None:
            template = self._captured(run)
            if not _is_plain(template):
                return self._in_full(run)
            # Its queue is declared with the first message; the others need not ask again.
            self._templates[key] = _Template(template.headers, template.options | {"declare": []})
        return self._patched(template, run)

    def _in_full(self, run: Outgoing) -> Send:
        message, options = self._build(run)

        def send(producer: Any) -> None:
            self.app.amqp.send_task_message(producer, run.task, message, retry=False, **options)

        return self._checked(send, options)

    def _captured(self, run: Outgoing) -> _Template:
        capture = _Capture()
        message, options = self._build(run)
        self.app.amqp.send_task_message(capture, run.task, message, retry=False, **options)
        headers = capture.options.pop("headers")
        return _Template(headers, capture.options)

    def _patched(self, template: _Template, run: Outgoing) -> Send:
        task_id = str(run.id)
        content = self._content(run, template.options["serializer"])
        headers = {
            **template.headers,
            "id": task_id,
            "root_id": task_id,
            "retries": run.attempt - 1,
            "argsrepr": content.argsrepr,
            "kwargsrepr": content.kwargsrepr,
            **_headers_of(run),
        }
        options = {**template.options, "headers": headers, "correlation_id": task_id}
        if run.expires_at is not None:
            headers["expires"] = run.expires_at.isoformat()
            options["expiration"] = self._seconds_left(run.expires_at)
        options["content_type"] = content.content_type
        options["content_encoding"] = content.content_encoding

        def send(producer: Any) -> None:
            producer.publish(content.body, **options)

        return self._checked(send, options)

    def _checked(self, send: Send, options: dict[str, Any]) -> Send:
        """Return `send`, preceded by a look whether its exchange leads to any queue."""
        exchange, routing_key = options.get("exchange"), options.get("routing_key")
        if not exchange or not routing_key:
            return send
        exchange = getattr(exchange, "name", exchange)

        def send_if_routed(producer: Any) -> None:
            if (exchange, routing_key) not in self._routes:
                require_route(producer, exchange, routing_key, options)
                self._routes.add((exchange, routing_key))
            send(producer)

        return send_if_routed

    def _content(self, run: Outgoing, serializer: str) -> _Content:
        key = repr((serializer, run.args, run.kwargs))
        content = self._contents.get(key)
        if content is None:
            content_type, encoding, body = dumps(self._body(run), serializer=serializer)
            content = _Content(
                body,
                content_type,
                encoding,
                # An empty list of arguments is told as an empty tuple: so does Celery.
                self._short(run.args or ()),
                self._short(run.kwargs or {}),
            )
            if len(self._contents) < CONTENTS_KEPT:
                self._contents[key] = content
        return content

    def _body(self, run: Outgoing) -> tuple[Any, Any, dict[str, None]]:
        if not isinstance(run.args, list) or not isinstance(run.kwargs, dict):
            raise TypeError("arguments are a list, and keyword arguments an object")
        return run.args, run.kwargs, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))

    def _short(self, arguments: Any) -> str:
        """Return the text of arguments that workers show in their logs."""
        if not arguments:
            return repr(arguments)
        return saferepr(arguments, self.app.amqp.argsrepr_maxsize, maxlevels=self._levels)

    def _build(self, run: Outgoing) -> tuple[Any, dict[str, Any]]:
        """Return the message and the options for sending it, merged as send_task does."""
        task = self.app.tasks.get(run.task)
        defaults = extract_exec_options(task) if task is not None else {}
        options = {name: value for name, value in defaults.items() if value is not None}
        options |= _options_of(run)
        own = {
            name: options.pop(name, None)
            for name in ("time_limit", "soft_time_limit", "expires", "ignore_result")
        }
        options = self.app.amqp.router.route(options, run.task, run.args, run.kwargs, task)  # type: ignore[arg-type]
        if own["expires"] is not None:
            options["expiration"] = self._seconds_left(own["expires"])
        message = self._message(run, own)
        return message, options

    def _message(self, run: Outgoing, own: dict[str, Any]) -> Any:
        return self.app.amqp.create_task_message(
            str(run.id),
            run.task,
            run.args,
            run.kwargs,
            retries=run.attempt - 1,
            reply_to=self.app.thread_oid,
            create_sent_event=self.app.conf.task_send_sent_event,
            **own,
        )

    def _seconds_left(self, expires: datetime | float) -> float:
        if isinstance(expires, datetime):
            return max(0.0, (expires - self.now).total_seconds())
        return expires


class _Capture:
    """Stands where a producer would, and keeps what it is given to publish."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def publish(self, _body: object, **options: Any) -> None:
        self.options = options


def require_route(producer: Any, exchange: str, routing_key: str, options: dict[str, Any]) -> None:
    """Raise UnroutableError when a message would vanish: kombu drops it without a word on Redis.

    Other transports are not asked; RabbitMQ closes the channel on an unknown exchange.
    """
    channel = producer.channel
    lookup = getattr(channel, "_lookup", None)
    if lookup is None or channel.typeof(exchange).type == "fanout":
        return
    named = [options.get("queue"), *(options.get("declare") or [])]
    for entity in filter(None, named):
        # Not the cached declaration: a Redis that came back empty has forgotten the bindings.
        entity.bind(channel).declare()
    if not lookup(exchange, routing_key):
        raise UnroutableError(
            f"no queue is bound to the exchange {exchange!r} with the routing key {routing_key!r}"
        )


def _template_key(run: Outgoing) -> str:
    """Return what the messages of two runs must share for one to be a patched copy."""
    return repr(
        (
            run.task,
            run.queue,
            run.exchange,
            run.routing_key,
            run.priority,
            run.headers,
            run.expires_at is None,
            run.soft_time_limit_seconds,
            run.time_limit_seconds,
        )
    )


def _options_of(run: Outgoing) -> dict[str, Any]:
    """Return the options that the run itself names."""
    named = {
        "queue": run.queue,
        "exchange": run.exchange,
        "routing_key": run.routing_key,
        "soft_time_limit": run.soft_time_limit_seconds,
        "time_limit": run.time_limit_seconds,
        "expires": run.expires_at,
    }
    options: dict[str, Any] = {name: value for name, value in named.items() if value}
    if run.priority is not None:
        options["priority"] = run.priority
    options["headers"] = {**run.headers, **_headers_of(run)}
    return options


def _headers_of(run: Outgoing) -> dict[str, str]:
    return {
        "periodic_task_name": run.schedule_name,
        "punctual_due_at": run.due_at.isoformat(),
    }


def _may_patch(app: Celery) -> bool:
    """Return whether no one is to see each message on its way, and no router its arguments."""
    seen = (signals.before_task_publish, signals.after_task_publish, signals.task_sent)
    return (
        not any(signal.receivers for signal in seen)
        and not app.conf.task_send_sent_event
        and app.conf.task_protocol == 2
        and all(isinstance(route, MapRoute) for route in app.amqp.routes)
    )


def _is_plain(template: _Template) -> bool:
    """Return whether a copy needs no more than new values: text that is not compressed."""
    return template.options["serializer"] == "json" and not template.options["compression"]
