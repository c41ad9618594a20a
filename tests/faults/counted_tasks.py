"""Tasks whose every execution leaves a line in a file; a test's worker loads them with `-I`."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from celery import shared_task

FILE_VARIABLE = "COUNTED_TASKS_FILE"


@shared_task(name="tests.be_counted", bind=True)
def be_counted(self: Any) -> None:
    """Add a line with the id of the run; short lines are appended whole."""
    with Path(os.environ[FILE_VARIABLE]).open("a") as file:
        file.write(f"{self.request.id}\n")


def executions(file: Path) -> Counter[str]:
    """Return how often each run was executed."""
    return Counter(file.read_text().split()) if file.exists() else Counter()
