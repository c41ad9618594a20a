"""Running a command so that nothing of it outlives the run."""

import codecs
import json
import selectors
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BufferedReader
from typing import IO, cast

from jobs.commands import keeper

# So often somebody may have asked for the end.
LOOK_EVERY_SECONDS = 1.0
AT_ONCE_BYTES = 65_536


@dataclass(frozen=True)
class Order:
    """A command, the shell and the folder that it runs in, its variables, its standard input.

    `grace_seconds` pass from asking it to end until killing it.
    """

    command: str
    shell: str
    folder: str
    environment: dict[str, str]
    input: str = ""
    grace_seconds: float = 5.0


def execute(order: Order, say: Callable[[str], None], look: Callable[[], None]) -> int:
    """Run the command, `say` what it prints as it comes, and return its exit code.

    `look` is called once a second and may raise to end it; so may a signal, as of a time limit.
    The keeper ends the command when this process lets go of it, also by being killed.
    """
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", keeper.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={},
    )
    control, output = cast("IO[bytes]", child.stdin), cast("BufferedReader", child.stdout)
    try:
        control.write(json.dumps(asdict(order)).encode() + b"\n")
        control.flush()
        _follow(output, say, look, child)
        return child.wait()
    finally:
        # Closing is what tells the keeper to end the command, if it has not ended by itself.
        control.close()
        _wait(child, order.grace_seconds)
        output.close()


def _follow(
    output: BufferedReader,
    say: Callable[[str], None],
    look: Callable[[], None],
    child: "subprocess.Popen[bytes]",
) -> None:
    """Say what comes until it ends; a character may arrive in two pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            look()
            if not selector.select(LOOK_EVERY_SECONDS):
                if child.poll() is not None:
                    # A daemon that left the process group keeps the output open.
                    return
                continue
            chunk = output.read1(AT_ONCE_BYTES)
            say(decoder.decode(chunk, final=not chunk))
            if not chunk:
                return


def _wait(child: "subprocess.Popen[bytes]", grace_seconds: float) -> None:
    try:
        child.wait(grace_seconds + 5.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
