"""What Celery's canvas and options add to a call, kept so that the call can be sent again.

It is a part of Celery's "execution options" (celery 5.7, `Context.as_execution_options`): links,
the chain, the chord and the group it is of, and how often Celery itself has retried it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from celery._state import get_current_app
from celery.app.task import Context

from jobs.runs.wholeness import kept

OPTIONS = (
    "link",
    "link_error",
    "chain",
    "chord",
    "group_id",
    "group_index",
    "root_id",
    "parent_id",
    "shadow",
    "retries",
    "time_limit",
    "soft_time_limit",
    "ignore_result",
    "replaced_task_nesting",
    "stamped_headers",
)
# Where an answer is waited for: only the result backend "rpc://" asks.
REPLY_TO = "reply_to"


def canvas_of(request: Context) -> dict[str, Any] | None:
    """Return the canvas of a request, None for a plain call; raise NotWholeError."""
    return canvas_of_options(
        {**request.as_execution_options(), "ignore_result": request.ignore_result},
        str(request.id),
    )


def canvas_of_options(options: Mapping[str, Any], task_id: str) -> dict[str, Any] | None:
    """Return what of a call's options belongs to its canvas; raise NotWholeError."""
    names = [*OPTIONS, *(options.get("stamped_headers") or ())]
    if _answers_by_message(options):
        names.append(REPLY_TO)
    canvas = {name: options[name] for name in names if _matters(name, options.get(name))}
    if canvas.get("root_id") == task_id:
        del canvas["root_id"]
    return kept(canvas) or None


def message_options(canvas: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the canvas as `app.amqp.create_task_message` wants it."""
    options = dict(canvas or {})
    for ours, theirs in (("link", "callbacks"), ("link_error", "errbacks")):
        if ours in options:
            links = options.pop(ours)
            options[theirs] = links if isinstance(links, list) else [links]
    return options


def _matters(name: str, value: Any) -> bool:
    # The first of a group has the index 0; every other option is off or not there when it is 0.
    return bool(value) or (name == "group_index" and value is not None)


def _answers_by_message(options: Mapping[str, Any]) -> bool:
    return REPLY_TO in options and _has_rpc_backend(get_current_app())


@cache
def _has_rpc_backend(app: Any) -> bool:
    # Celery looks a setting up by each of its names: too slow for every run, and it stays as it is.
    return str(app.conf.result_backend or "").startswith("rpc")
