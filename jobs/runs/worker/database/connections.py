"""Database connections that live on from task to task.

Celery's fixup for Django closes them before and after every task, whatever CONN_MAX_AGE says
(celery 5.7, `celery.fixups.django`); connecting anew costs more than everything else that the
ledger does. This one takes its place (`Celery(fixups=...)`) and closes them as Django does
between requests: when they are broken, too old, or left within a transaction.
"""

import os
from typing import Any

from celery import Celery
from celery.fixups import django as celery_django
from django.db import connections

# The stubs of Celery know little of them.
_Fixup: Any = celery_django.DjangoFixup
_WorkerFixup: Any = celery_django.DjangoWorkerFixup  # type: ignore[attr-defined]


class KeepingFixup(_Fixup):  # type: ignore[misc]
    """Celery's fixup for Django, except that the worker's connections stay open."""

    @property
    def worker_fixup(self) -> Any:
        """Return what is set up in a worker process."""
        if self._worker_fixup is None:  # type: ignore[has-type]
            self._worker_fixup = KeepingWorkerFixup(self.app)
        return self._worker_fixup

    @worker_fixup.setter
    def worker_fixup(self, value: Any) -> None:
        self._worker_fixup = value


class KeepingWorkerFixup(_WorkerFixup):  # type: ignore[misc]
    """Celery's fixup for Django in a worker, with Django's own rule for old connections."""

    def on_task_prerun(self, sender: Any, **_: Any) -> None:
        """Close what is broken or too old; the start of the run shows whether the rest works."""
        if not getattr(sender.request, "is_eager", False):
            close_old_connections()

    def on_task_postrun(self, sender: Any, **_: Any) -> None:
        """Close what the task has left broken or within a transaction, and its caches."""
        if not getattr(sender.request, "is_eager", False):
            close_old_connections()
            self.close_cache()


def close_old_connections() -> None:
    """Close the connections of this thread that are of no more use.

    As `django.db.close_old_connections`, save for one query per task: the ledger's connection is
    not asked whether it works, since the start of the run is the question (see `patience`).
    """
    connection: Any
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
        if connection.alias == "default" and connection.connection is not None:
            connection.health_check_done = True


def fixup(app: Celery, env: str = "DJANGO_SETTINGS_MODULE") -> Any:
    """Install the fixup where Django is configured, as Celery's own does."""
    if not os.environ.get(env) or "django" in str(app.loader_cls).lower():
        return None
    return KeepingFixup(app).install()
