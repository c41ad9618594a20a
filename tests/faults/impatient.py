"""Named beside a worker's tasks, it lets Redis give out again soon what nobody acknowledged."""

from scheduler_site.celery import app

VISIBILITY_SECONDS = 4

app.conf.broker_transport_options = {
    **app.conf.broker_transport_options,
    "visibility_timeout": VISIBILITY_SECONDS,
    # kombu 5.7 would look for it only every hundred seconds.
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
