"""Run by its file, with nothing but Python: the parent of a command, which it never outlives.

Its standard input is a line of JSON (an Order) and then stays open: when it ends, because the
worker's process let go or was killed, the command ends with its whole process group.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

# As shells say that a command could not be begun.
CANNOT_RUN = 126


def main() -> int:
    """Run the command and return its exit code; 128 and the signal for one that was killed."""
    order = json.loads(sys.stdin.buffer.readline())
    try:
        child = _begin(order)
    except OSError as problem:
        print(f"The command cannot be begun: {problem}.", flush=True)
        return CANNOT_RUN
    arguments = (child, order["grace_seconds"])
    threading.Thread(target=_end_with_the_worker, args=arguments, daemon=True).start()
    # It may not want all of its input; communicate() passes over that.
    child.communicate(order["input"].encode())
    code = child.wait()
    # What it left in the background would go on after the run, and nobody would know.
    _signal_group(child, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _begin(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [order["shell"], "-c", order["command"]],
        stdin=subprocess.PIPE,
        cwd=order["folder"],
        env=order["environment"],
        # A process group of its own, so that all of it can be ended.
        start_new_session=True,
    )


def _end_with_the_worker(child: "subprocess.Popen[bytes]", grace_seconds: float) -> None:
    sys.stdin.buffer.read()
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        _signal_group(child, signal.SIGKILL)


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    # Nobody may be left; macOS says so by EPERM.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    # Not sys.exit(): the thread may be in the middle of reading.
    code = main()
    sys.stdout.flush()
    os._exit(code)
