"""Celery with Django and django-celery-results, by its documentation: the results are rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")

app = Celery("results", broker=os.environ["REDIS_URL"], backend="django-db")


@app.task(name="benchmarks.nothing", shared=False)
def nothing() -> None:
    """Do nothing."""
