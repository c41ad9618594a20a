"""Side effects that happened, so that none happens twice."""

from django.db import models

from jobs.runs.models.run import Run


class Once(models.Model):
    """A side effect by its key; the row is there once it has begun."""

    key = models.CharField(max_length=200, primary_key=True)
    # The run that did it; the row outlives its run.
    run = models.ForeignKey(
        Run,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    begun_at = models.DateTimeField()
    # Empty: it began and nobody knows whether it happened.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "once"
        indexes = (
            # Retention: the oldest keys.
            models.Index(fields=["begun_at"], name="once_retention"),
        )

    def __str__(self) -> str:
        return self.key
