"""What an attempt wrote while it ran."""

from django.db import models

from jobs.runs.models.run import Run


class RunLog(models.Model):
    """The end of what one attempt logged and printed; attempts that say nothing have no row."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="logs", db_index=False)
    attempt = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    # So many bytes at the beginning were dropped, because there was more than is kept.
    dropped_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            # The page of a run shows its logs by attempt; an attempt has one.
            models.UniqueConstraint(fields=["run", "attempt"], name="log_identity"),
        )

    def __str__(self) -> str:
        return f"Log of attempt {self.attempt} of {self.run_id}"
