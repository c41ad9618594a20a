"""The headers that Punctual adds to the messages of runs, beside Celery's own."""

# Of our own: beat's messages have both, and so have the next attempts of a canvas.
DUE_AT_HEADER = "punctual_due_at"
ATTEMPT_HEADER = "punctual_attempt"
# django-celery-beat's.
SCHEDULE_HEADER = "periodic_task_name"
OUR_HEADERS = frozenset({DUE_AT_HEADER, ATTEMPT_HEADER, SCHEDULE_HEADER})
