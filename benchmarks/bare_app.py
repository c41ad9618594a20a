"""Celery alone, as its own documentation starts one: no Django, no ledger, no results."""

import os

from celery import Celery

app = Celery("bare", broker=os.environ["REDIS_URL"])


@app.task(name="benchmarks.nothing", ignore_result=True, shared=False)
def nothing() -> None:
    """Do nothing."""
