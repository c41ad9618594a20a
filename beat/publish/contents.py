"""The arguments of a run as they travel: serialised once for all runs that have the same."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.utils.saferepr import saferepr
from kombu.serialization import dumps

from jobs.runs.publishing import Outgoing

# One entry per distinct arguments of a batch; what is beyond is serialised again.
CONTENTS_KEPT = 10_000


@dataclass(frozen=True)
class Content:
    """Arguments as they travel: the serialised body, and their short texts for logs."""

    body: str
    content_type: str
    content_encoding: str
    argsrepr: str
    kwargsrepr: str

    @property
    def encoded_body(self) -> str:
        """Return the body as kombu's Redis transport stores it."""
        return base64.b64encode(self.body.encode()).decode()


class Contents:
    """The contents of one batch, by the arguments."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._levels = app.conf.task_repr_maxlevels
        self._known: dict[str, Content] = {}

    def of(self, run: Outgoing, serializer: str) -> Content:
        """Return the run's content; raises what the serialiser raises."""
        key = repr((serializer, run.args, run.kwargs))
        content = self._known.get(key)
        if content is None:
            content_type, encoding, body = dumps(_body(run), serializer=serializer)
            content = Content(
                body,
                content_type,
                encoding,
                # An empty list of arguments is told as an empty tuple: so does Celery.
                self._short(run.args or ()),
                self._short(run.kwargs or {}),
            )
            if len(self._known) < CONTENTS_KEPT:
                self._known[key] = content
        return content

    def _short(self, arguments: Any) -> str:
        """Return the text of arguments that workers show in their logs."""
        if not arguments:
            return repr(arguments)
        return saferepr(arguments, self._app.amqp.argsrepr_maxsize, maxlevels=self._levels)


def quoted(text: str) -> str:
    """Return the text as it stands within the quotes of JSON."""
    return json.dumps(text)[1:-1]


def _body(run: Outgoing) -> tuple[Any, Any, dict[str, None]]:
    if not isinstance(run.args, list) or not isinstance(run.kwargs, dict):
        raise TypeError("arguments are a list, and keyword arguments an object")
    return run.args, run.kwargs, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))
