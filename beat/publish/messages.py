"""The Celery message of a run (protocol 2), as `app.send_task` would make it.

Building a message in full costs about 46 µs. Where nothing but a run's own values differs, one
message per task and options is built in full, and copies of it are patched; on Redis the copies
are texts that are filled in (see `redis_texts`).
"""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

from celery import Celery, signals
from celery.app.routes import MapRoute
from celery.app.task import extract_exec_options  # type: ignore[attr-defined]

from beat.publish.contents import Contents
from beat.publish.options import headers_of, options_of
from beat.publish.places import made_up, seconds_left, values_of_content, values_of_run
from beat.publish.redis_texts import Outbox, RedisText, takes_texts
from beat.publish.routes import Send, send_to_new_route
from beat.publish.templates import Capture, Form, Template, identity_of, is_plain, template_key
from jobs.runs.canvas import message_options
from jobs.runs.publishing import Outgoing


class MessageMaker:
    """Prepares the messages of one batch; its templates live no longer than the batch.

    After the prepared functions were called, `outbox` holds what is still to be pushed.
    """

    def __init__(self, app: Celery, now: datetime) -> None:
        self.app = app
        self.now = now
        self._may_patch = _may_patch(app)
        self._templates: dict[str, Template] = {}
        self._contents = Contents(app)
        self._forms: dict[tuple[Any, ...], Form] = {}
        self._routes: set[tuple[str, str]] = set()
        self._texts: dict[str, RedisText | None] = {}
        self.outbox = Outbox()

    def prepare(self, run: Outgoing) -> Send:
        """Return the function that sends the run's message; raise when there can be none."""
        if not self._may_patch or run.canvas:
            return self._in_full(run)
        form = self._forms.get(identity_of(run))
        return self._first_of_form(run) if form is None else self._filled(form, run)

    def _first_of_form(self, run: Outgoing) -> Send:
        key = template_key(run)
        template = self._templates.get(key)
        if template is None:
            template = self._captured(run, key)
            if not is_plain(template):
                return self._in_full(run)
            # Its queue is declared with the first message; the others need not ask again.
            self._templates[key] = replace(template, options=template.options | {"declare": []})
            return self._patched(template, run)
        content = self._contents.of(run, template.options["serializer"])
        form = Form(template, content, (run.args, run.kwargs, run.headers))
        self._forms[identity_of(run)] = form
        return self._filled(form, run)

    def _in_full(self, run: Outgoing) -> Send:
        # Whoever listens or routes may change them, and equal ones are shared between runs.
        run = run._replace(
            args=deepcopy(run.args), kwargs=deepcopy(run.kwargs), headers=deepcopy(run.headers)
        )
        message, options = self._build(run)

        def send(producer: Any) -> None:
            self.app.amqp.send_task_message(producer, run.task, message, retry=False, **options)

        return self._checked(send, options)

    def _captured(self, run: Outgoing, key: str) -> Template:
        capture = Capture()
        message, options = self._build(run)
        self.app.amqp.send_task_message(capture, run.task, message, retry=False, **options)
        headers = capture.options.pop("headers")
        return Template(key, headers, capture.options)

    def _patched(self, template: Template, run: Outgoing) -> Send:
        task_id = str(run.id)
        content = self._contents.of(run, template.options["serializer"])
        headers = {
            **template.headers,
            "id": task_id,
            "root_id": task_id,
            "argsrepr": content.argsrepr,
            "kwargsrepr": content.kwargsrepr,
            **headers_of(run),
        }
        options = {**template.options, "headers": headers, "correlation_id": task_id}
        if run.expires_at is not None:
            headers["expires"] = run.expires_at.isoformat()
            options["expiration"] = seconds_left(run.expires_at, self.now)
        options["content_type"] = content.content_type
        options["content_encoding"] = content.content_encoding

        def send(producer: Any) -> None:
            producer.publish(content.body, **options)

        return self._checked(send, options)

    def _filled(self, form: Form, run: Outgoing) -> Send:
        """Return what puts the run's text into the outbox, or publishes where there is no text."""

        def send(producer: Any) -> None:
            text = form.text if form.is_text_made else self._make_text(form, run, producer.channel)
            if text is None:
                self._patched(form.template, run)(producer)
            else:
                self.outbox.add(text, values_of_run(run, self.now))

        return send

    def _make_text(self, form: Form, run: Outgoing, channel: Any) -> RedisText | None:
        text = self._text(form.template, run, channel)
        form.is_text_made = True
        form.text = None if text is None else text.filled(values_of_content(form.content))
        return form.text

    def _text(self, template: Template, run: Outgoing, channel: Any) -> RedisText | None:
        """Return the template's text, made at the first call; None where there is none."""
        if template.key not in self._texts:
            self._texts[template.key] = (
                self._recorded(template, made_up(run), channel) if takes_texts(channel) else None
            )
        return self._texts[template.key]

    def _recorded(self, template: Template, run: Outgoing, channel: Any) -> RedisText | None:
        content = self._contents.of(run, template.options["serializer"])
        values = values_of_run(run, self.now) | values_of_content(content)
        return RedisText.recorded(channel, self._patched(template, run), values)

    def _checked(self, send: Send, options: dict[str, Any]) -> Send:
        """Return `send`, preceded by a look whether its exchange leads to any queue."""
        exchange, routing_key = options.get("exchange"), options.get("routing_key") or ""
        if not exchange:
            return send
        exchange = getattr(exchange, "name", exchange)

        def send_if_routed(producer: Any) -> None:
            if (exchange, routing_key) in self._routes:
                send(producer)
            else:
                send_to_new_route(send, producer, exchange, routing_key, options)
                self._routes.add((exchange, routing_key))

        return send_if_routed

    def _build(self, run: Outgoing) -> tuple[Any, dict[str, Any]]:
        """Return the message and the options for sending it, merged as send_task does."""
        task = self.app.tasks.get(run.task)
        defaults = extract_exec_options(task) if task is not None else {}
        options = {name: value for name, value in defaults.items() if value is not None}
        options |= options_of(run)
        own = {
            name: options.pop(name, None)
            for name in ("time_limit", "soft_time_limit", "expires", "ignore_result")
        }
        options = self.app.amqp.router.route(options, run.task, run.args, run.kwargs, task)  # type: ignore[arg-type]
        if own["expires"] is not None:
            options["expiration"] = seconds_left(own["expires"], self.now)
        message = self._message(run, own)
        return message, options

    def _message(self, run: Outgoing, own: dict[str, Any]) -> Any:
        options = {"reply_to": self.app.thread_oid, **own, **message_options(run.canvas)}
        return self.app.amqp.create_task_message(
            str(run.id),
            run.task,
            run.args,
            run.kwargs,
            create_sent_event=self.app.conf.task_send_sent_event,
            **options,
        )


def _may_patch(app: Celery) -> bool:
    """Return whether no one is to see each message on its way, and no router its arguments."""
    seen = (signals.before_task_publish, signals.after_task_publish, signals.task_sent)
    return (
        not any(signal.receivers for signal in seen)
        and not app.conf.task_send_sent_event
        and app.conf.task_protocol == 2
        and all(isinstance(route, MapRoute) for route in app.amqp.routes)
    )
