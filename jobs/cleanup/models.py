"""What operators say about cleanup, and what cleanup says that it did."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from jobs.cleanup.registry import Kept, RetentionRule, find_rule

MOST_DAYS = 36_500
MOST_ROWS = 10_000
MOST_SECONDS = 3_600


class CleanupPolicyQuerySet(models.QuerySet["CleanupPolicy"]):
    """Policies as cleanup looks for them."""

    def bring_up_to_date(self, rules: Iterable[RetentionRule]) -> None:
        """Insert a policy for each rule that has none; the others stay as they are."""
        known = set(self.values_list("rule", flat=True))
        new = [CleanupPolicy(rule=rule.name) for rule in rules if rule.name not in known]
        # Another process may insert the same ones in between.
        self.bulk_create(new, ignore_conflicts=True)


class CleanupPolicy(models.Model):
    """How one retention rule is applied. What is empty is as the rule itself says."""

    # Room for the names of all rules; one that no app brings any more does nothing.
    rule = models.CharField(max_length=100, unique=True, editable=False)
    enabled = models.BooleanField(
        default=True, help_text="Without it nothing of this is ever deleted."
    )
    days_kept = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[
            MaxValueValidator(MOST_DAYS, f"Give {MOST_DAYS:,} days at most, or switch it off.")
        ],
    )
    kept_at_least = models.PositiveIntegerField(null=True, blank=True)
    batch_size = models.PositiveIntegerField(
        default=1_000,
        help_text="Rows deleted at once. Others wait while a batch is deleted.",
        validators=[
            MinValueValidator(1, "A batch needs 1 row at least."),
            MaxValueValidator(MOST_ROWS, f"More than {MOST_ROWS:,} rows would lock others out."),
        ],
    )
    budget_seconds = models.PositiveIntegerField(
        default=300,
        verbose_name="time budget in seconds",
        help_text="The rule stops after so long; the next cleanup goes on.",
        validators=[
            MinValueValidator(1, "Give it 1 second at least."),
            MaxValueValidator(
                MOST_SECONDS, f"Give it {MOST_SECONDS:,} seconds at most: the others wait."
            ),
        ],
    )

    objects = CleanupPolicyQuerySet.as_manager()

    class Meta:
        ordering = ("rule",)
        verbose_name_plural = "cleanup policies"

    def __str__(self) -> str:
        return self.rule.capitalize()

    def clean(self) -> None:
        """Raise ValidationError with a sentence when the rule would break something."""
        rule = find_rule(self.rule)
        if rule is None or self.days_kept is None or self.days_kept >= rule.least_days:
            return
        raise ValidationError(
            {"days_kept": f"Give {rule.least_days} days at least: {rule.why_least}."}
        )

    def kept_by(self, rule: RetentionRule) -> Kept:
        """Return what is kept: what is said here, and where nothing is said, what the rule says.

        A policy that was written past the form does not undercut what the rule needs.
        """
        days = rule.kept.days if self.days_kept is None else max(self.days_kept, rule.least_days)
        if rule.kept.at_least is None or self.kept_at_least is None:
            return Kept(days, rule.kept.at_least)
        return Kept(days, self.kept_at_least)


class Deletion(models.Model):
    """What one cleanup deleted by one rule; the record stays when the run is gone."""

    rule = models.CharField(max_length=100)
    at = models.DateTimeField()
    # The run that did it; None: the command line.
    run_id = models.UUIDField(null=True, blank=True)
    count = models.PositiveBigIntegerField()
    # So many were left when the time was over, counted as far as a dry run counts.
    left = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = (
            # The report of a span, and retention.
            models.Index(fields=["at"], name="cleanup_deletion_at"),
        )

    def __str__(self) -> str:
        return f"{self.count:,} of {self.rule} on {self.at:%Y-%m-%d}"
