"""The project's Celery app without the schedules of its code, so that all have the same to do.

`celery -A benchmarks.celery_app beat -S <scheduler>` starts what is measured.
"""

from django.conf import settings

from scheduler_site.celery import app

__all__ = ["app"]

app.conf.beat_schedule = {}
# celery-redbeat 2.4 warns when it has to fall back to the broker's address.
app.conf.redbeat_redis_url = settings.REDIS_URL
app.conf.redbeat_redis_options = {}
