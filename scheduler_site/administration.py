"""Django's admin, which workers and beats do without until they need one of its addresses."""

import sys
from pathlib import Path

from django.contrib.admin.apps import AdminConfig, SimpleAdminConfig


class AdminOfPagesConfig(AdminConfig):
    """The admin: its modules are read at the start, in Celery's processes with the addresses.

    They are a third of what a worker or beat reads at its start, and serve pages alone.
    `scheduler_site.urls` reads them where this has not: for a mail with a link, or a check.
    """

    def ready(self) -> None:
        """Register the checks; read the modules of the admin unless Celery's command line runs."""
        if is_celery(sys.argv[0]):
            SimpleAdminConfig.ready(self)
        else:
            super().ready()


def is_celery(program: str) -> bool:
    """Return whether the program is Celery's, called `celery` or `python -m celery`."""
    path = Path(program)
    return "celery" in (path.name, path.parent.name)
