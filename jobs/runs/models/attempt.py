"""What an earlier attempt of a run was: one row for each that another one followed."""

from django.db import models

from jobs.runs.models.run import Run


class Outcome(models.TextChoices):
    """How an attempt ended that was not the last one."""

    FAILED = "failed", "Failed"
    RETRIED = "retried", "Asked to be tried again"
    LOST = "lost", "Lost with its worker"
    HANDED_BACK = "handed_back", "Handed back by a worker that stopped"


class Attempt(models.Model):
    """An attempt that ended and was followed by another; the last one is the run itself.

    So a run that succeeds at once costs no second row.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=11, choices=Outcome)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    worker = models.CharField(max_length=255, blank=True)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)

    class Meta:
        constraints = (
            # The page of a run lists its attempts; an attempt ends once.
            models.UniqueConstraint(fields=["run", "number"], name="attempt_identity"),
        )

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.run_id}"
