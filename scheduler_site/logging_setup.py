"""One shape for every log line of web, beat and worker: a sentence and its fields."""

import logging
import logging.config
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


def without_payload(_: Any, __: str, event: EventDict) -> EventDict:
    """Return the event without the task's arguments, which Celery attaches as `data`."""
    event.pop("data", None)
    return event


SHARED_PROCESSORS: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    without_payload,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_configuration(log_format: str, level: str) -> dict[str, Any]:
    """Return the dictConfig that writes every logger to standard error as `log_format`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _last_processors(log_format),
                "foreign_pre_chain": SHARED_PROCESSORS,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own configuration comes first; without this its lines appear twice.
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True},
            "django.utils.autoreload": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }


def _last_processors(log_format: str) -> list[Processor]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "json":
        return [
            strip,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    # Plain tracebacks: the pretty ones print local variables, and secrets with them.
    plain = structlog.dev.plain_traceback
    return [strip, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]


def configure(configuration: dict[str, Any]) -> None:
    """Apply the configuration; may be called again, as Celery does in each of its processes."""
    logging.config.dictConfig(configuration)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
