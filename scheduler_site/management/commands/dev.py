"""`manage.py dev`: the whole platform on a developer's machine; `make run` starts it."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.output import Output, wants_colours
from scheduler_site.development.ports import port_from
from scheduler_site.development.run import Choices, DevelopmentRun
from scheduler_site.development.stop_requests import StopRequests

DEFAULT_PORT = "8000"


class Command(BaseCommand):
    """Starts Redis, a mail catcher, worker, web and beat, and stops them in order."""

    help = "Run the whole platform on this machine. PORT chooses the port, 8000 by default."
    # The processes that are started check themselves; the supervisor starts at once.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C; end with one sentence and exit code 1 when it cannot start."""
        try:
            self._run()
        except DevelopmentError as problem:
            sys.exit(f"Punctual cannot start: {problem}")
        except OSError as problem:
            sys.exit(
                f"Punctual cannot start: {problem}. It writes to {settings.VAR_DIR}: make that "
                "folder writable and see that the disk has room, or set VAR_DIR to another folder."
            )

    def _run(self) -> None:
        if not settings.DEBUG:
            raise DevelopmentError(
                "`manage.py dev` is for development only. Use `make run`, or set DEBUG=1."
            )
        # The lines of the children come through pipes, and Python would hold them back.
        os.environ["PYTHONUNBUFFERED"] = "1"
        choices = Choices(
            folder=settings.BASE_DIR,
            var_folder=settings.VAR_DIR,
            port=port_from(os.environ.get("PORT") or DEFAULT_PORT),
        )
        with StopRequests() as stop:
            DevelopmentRun(choices, Output(sys.stdout, wants_colours(sys.stdout)), stop).run()
