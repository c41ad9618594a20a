"""What a beat process says of itself."""

from django.db import models


class Beat(models.Model):
    """What a beat process has achieved; it writes so itself, every few seconds."""

    name = models.CharField(max_length=100, primary_key=True)
    host = models.CharField(max_length=80)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    # The last instant at which the step came to its end, whether or not there was work.
    last_tick_at = models.DateTimeField()
    last_claim_at = models.DateTimeField(null=True, blank=True)
    last_publish_at = models.DateTimeField(null=True, blank=True)
    claimed_count = models.PositiveBigIntegerField(default=0)
    published_count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
