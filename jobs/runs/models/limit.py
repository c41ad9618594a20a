"""How fast runs of a key may start, over all workers."""

from django.db import models


class RateLimit(models.Model):
    """When the next run of a key may start; one row per key, locked while it is taken from."""

    key = models.CharField(max_length=200, primary_key=True)
    next_at = models.DateTimeField()
    # When it was last taken from: an earlier instant now says that a clock was set back.
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
