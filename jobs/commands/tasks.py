"""The task that runs a command."""

from celery import shared_task
from django.conf import settings

from jobs.commands.environment import environment_of_command
from jobs.commands.executing import Order, execute
from jobs.runs import current


class CommandsDisabledError(Exception):
    """The command runner is off on this worker."""


class CommandFailedError(Exception):
    """The command ended with an exit code other than 0."""


# Celery makes other options attributes of the task; its types do not know that.
@shared_task(  # type: ignore[call-overload,untyped-decorator]
    name="commands.run", permission="commands.use_command_runner"
)
def run(
    command: str,
    input: str = "",  # noqa: A002 -- what it is called where it is written down
    environment: dict[str, str] | None = None,
    shell: str = "/bin/sh",
    folder: str = "",
) -> str:
    """Run a command of the worker's machine, as cron does.

    What it prints is the log of the run. An exit code other than 0 is a failure. When the run is
    cancelled or passes its time limit, the command ends with all that it has started. A rehearsal
    runs nothing.

    Args:
        command: A line for the shell, such as /usr/local/bin/backup --all.
        input: Its standard input.
        environment: More variables; only a few are there otherwise.
        shell: The shell that runs it.
        folder: Where it is run; empty: the home of the worker's account.
    """
    if not settings.COMMANDS_ENABLED:
        raise CommandsDisabledError(
            "Commands are off on this worker. Set COMMANDS_ENABLED=1 there, or disable the "
            "schedule."
        )
    if current.is_rehearsal():
        # Nobody can take back what a command does.
        print(f"A rehearsal runs no command. This one would run: {command}")
        return "Nothing was run."
    variables = environment_of_command(environment or {}, current.run_id(), current.due_at())
    order = Order(command, shell or "/bin/sh", folder or variables["HOME"], variables, input)
    code = execute(order, print_as_it_is, current.raise_if_cancelled)
    if code != 0:
        raise CommandFailedError(f"The command ended with exit code {code}; see the log.")
    return "It ended with exit code 0."


def print_as_it_is(text: str) -> None:
    """Print what the command printed: the log of the run keeps it, bounded."""
    print(text, end="", flush=True)
