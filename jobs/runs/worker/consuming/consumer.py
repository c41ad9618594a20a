"""The Celery consumer of our workers: what it cannot take leaves a run that says why.

Named in the setting `worker_consumer` as `jobs.runs.worker.consuming.consumer:RefusingConsumer`.
"""

from json import JSONDecodeError
from typing import Any

from jobs.runs.worker.consuming.reconnecting import ReconnectingConsumer
from jobs.runs.worker.consuming.refusing import (
    refuse_garbage,
    refuse_undecodable,
    refuse_unknown_task,
)


class RefusingConsumer(ReconnectingConsumer):
    """A consumer that survives every message, and leaves a failed run for each that is none."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Count text in Redis that is no message at all as a broken connection.

        kombu 5.7.0 has taken it from the queue when it finds out, and Celery would end the worker.
        """
        super().__init__(*args, **options)
        errors: tuple[type[Exception], ...] = self.connection_errors  # type: ignore[has-type]
        self.connection_errors = (*errors, JSONDecodeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Leave a failed run for garbage, and connect anew."""
        if isinstance(exc, JSONDecodeError):
            refuse_garbage(self.hostname, exc)
        super().on_connection_error_after_connected(exc)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Leave a failed run; Celery rejects the message, so that it does not come again."""
        refuse_unknown_task(message, self.hostname)
        super().on_unknown_task(body, message, exc)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Leave a failed run for a message that is none of Celery's."""
        refuse_undecodable(message, self.hostname, "it names no task")
        super().on_unknown_message(body, message)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Leave a failed run for a message whose content is not as Celery's has to be."""
        refuse_undecodable(message, self.hostname, exc)
        super().on_invalid_task(body, message, exc)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Leave a failed run for a message that cannot be deserialised."""
        refuse_undecodable(message, self.hostname, exc)
        super().on_decode_error(message, exc)
