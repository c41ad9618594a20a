"""The Django project. Importing it makes the Celery app the current one for `shared_task`."""

from scheduler_site.celery import app as celery_app

__all__ = ["celery_app"]
