"""The project's app with a task that does nothing."""

from scheduler_site.celery import app

__all__ = ["app"]


@app.task(name="benchmarks.nothing", shared=False)
def nothing() -> None:
    """Do nothing."""
