"""A whole development run: what `manage.py dev` does, in its order."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from scheduler_site.development import services
from scheduler_site.development.broker import OwnRedis, require_answer, without_password
from scheduler_site.development.caught_mail import MailCatcher
from scheduler_site.development.first_start import ADMIN_ADDRESS, Login
from scheduler_site.development.guard import Guard
from scheduler_site.development.only_one import only_one
from scheduler_site.development.output import Output
from scheduler_site.development.ports import LOOPBACK, listen
from scheduler_site.development.readiness import Roll, web_answers
from scheduler_site.development.redis_server import RedisServer, find_executable
from scheduler_site.development.steps import Steps
from scheduler_site.development.stop_requests import Stopped, StopRequests
from scheduler_site.development.supervisor import Supervised, Supervisor
from scheduler_site.environment import current_environment

LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Choices:
    """What the person and the settings decide."""

    folder: Path
    var_folder: Path
    port: int

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://{LOOPBACK}:{self.port}"


class DevelopmentRun:
    """Redis, mail, database, worker, web and beat; what starts last is stopped first."""

    def __init__(self, choices: Choices, output: Output, stop: StopRequests) -> None:
        self._choices = choices
        self._output = output
        self._stop = stop
        self._cleanup = ExitStack()
        self._guard = Guard()
        self._supervisor = Supervisor(output, self._guard)

    def run(self) -> None:
        """Start everything and keep it running until somebody asks to stop.

        Raises DevelopmentError or OSError when it cannot start; nothing stays behind then.
        """
        with self._cleanup:
            self._cleanup.callback(self._guard.stop)
            self._cleanup.enter_context(only_one(self._choices.var_folder))
            listener = self._cleanup.enter_context(listen(self._choices.port))
            try:
                self._serve(listener)
            except Stopped:
                self._output.say("Stopped before it was ready.")
        self._output.say("Everything is stopped.")

    def _serve(self, listener: socket) -> None:
        if not _is_set("SITE_URL"):
            os.environ["SITE_URL"] = self._choices.address
        self._provide_redis()
        self._catch_mail()
        login = self._prepare_database()
        for process in self._processes(listener):
            self._stop.check()
            self._start(process)
        self._keep_running(login)

    def _provide_redis(self) -> None:
        if _is_set("REDIS_URL"):
            url = current_environment()["REDIS_URL"]
            require_answer(url)
            self._output.say(f"Using the Redis at {without_password(url)}.")
            return
        server = RedisServer(self._choices.var_folder / "redis", find_executable())
        self._start(OwnRedis(server))
        os.environ["REDIS_URL"] = server.url
        self._output.say(f"Redis answers on port {server.port} ({server.executable.name}).")

    def _catch_mail(self) -> None:
        if _is_set("EMAIL_HOST"):
            return
        catcher = MailCatcher(self._choices.var_folder / "mail")
        catcher.start()
        self._cleanup.callback(catcher.stop)
        os.environ.update(catcher.environment())
        if not _is_set("ALERTS_TO"):
            os.environ["ALERTS_TO"] = ADMIN_ADDRESS
        self._output.say(f"Mails are caught: {self._choices.address}/development/mail/")

    def _prepare_database(self) -> Login:
        steps = Steps(
            self._choices.folder,
            self._choices.var_folder / "log",
            self._output,
            self._guard,
            self._stop,
        )
        steps.migrate()
        return steps.prepare()

    def _processes(self, listener: socket) -> list[Supervised]:
        port, folder = self._choices.port, self._choices.folder
        web = services.web_command(listener.fileno())
        return [
            services.Worker(
                services.worker_command(port),
                folder,
                self._output,
                hurry=lambda: self._stop.count > 1,
            ),
            services.Service("web", web, folder, self._output, inherited=[listener.fileno()]),
            services.Service("beat", services.beat_command(port), folder, self._output),
        ]

    def _start(self, process: Supervised) -> None:
        self._supervisor.start(process)
        self._cleanup.callback(self._supervisor.stop, process)

    def _keep_running(self, login: Login) -> None:
        environment = current_environment()
        broker_url = environment["CELERY_BROKER_URL"] or environment["REDIS_URL"]
        roll = Roll(broker_url, list(services.node_names(self._choices.port).values()))
        self._cleanup.callback(roll.close)
        is_ready = False
        while not self._stop.wait(LOOK_EVERY_SECONDS):
            self._supervisor.look()
            if not is_ready and roll.is_complete() and web_answers(self._choices.port):
                is_ready = True
                self._output.plain(
                    f"Punctual is ready: {self._choices.address}/  "
                    f"user={login.user}  password={login.password}"
                )


def _is_set(name: str) -> bool:
    """Return whether the person set NAME or NAME_FILE to something."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
