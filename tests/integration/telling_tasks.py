"""Tasks that use what a task gets; a test's worker loads them with `-I`."""

import logging
import os
import time

from celery import shared_task

from jobs.runs import current

logger = logging.getLogger(__name__)


@shared_task(name="tests.tell")
def tell(word: str, times: int) -> dict[str, str]:
    """Say the word so often, printed and logged, with progress and a link."""
    for number in range(times):
        print(f"{word} printed")
        logger.warning("%s logged", word)
        current.report_progress(number + 1, times, word)
        time.sleep(0.01)
    current.link(word, f"/{word}/")
    return {"word": word, "due_at": current.due_at().isoformat()}


@shared_task(name="tests.listen")
def listen() -> None:
    """Go on until somebody asks for the end."""
    print("listening")
    while True:
        current.raise_if_cancelled()
        time.sleep(0.05)


@shared_task(name="tests.hang")
def hang() -> None:
    """Say in which process, and never listen."""
    print("hanging in", os.getpid())
    while True:
        time.sleep(1)
