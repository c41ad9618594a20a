"""Which rules are applied, and how: each registered rule with its policy."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.cleanup.models import MOST_ROWS, CleanupPolicy
from jobs.cleanup.registry import Kept, RetentionRule, retention_rules


@dataclass(frozen=True)
class Assignment:
    """A rule, and how it is applied: what it keeps, rows per batch, and its time in seconds."""

    rule: RetentionRule
    kept: Kept
    batch_size: int
    budget_seconds: float
    is_enabled: bool = True

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return self.rule.name

    @property
    def sentence(self) -> str:
        """Return what is deleted, as the end of a sentence."""
        return self.rule.sentence_for(self.kept) if self.is_enabled else "is switched off"


def assignment_of(rule: RetentionRule, policy: CleanupPolicy) -> Assignment:
    """Return how `policy` has the rule applied.

    Of one that was written past the form, a batch is brought to a number with which a rule ends.
    """
    return Assignment(
        rule=rule,
        kept=policy.kept_by(rule),
        batch_size=min(max(policy.batch_size, 1), MOST_ROWS),
        budget_seconds=policy.budget_seconds,
        is_enabled=policy.enabled,
    )


def assignments() -> list[Assignment]:
    """Return every registered rule with its policy, those that are switched off too."""
    rules = retention_rules()
    return with_policies(rules, CleanupPolicy.objects.all())


def with_policies(
    rules: Iterable[RetentionRule], policies: Iterable[CleanupPolicy]
) -> list[Assignment]:
    """Return the rules with these policies; a rule without one gets what a new one says."""
    by_rule = {policy.rule: policy for policy in policies}
    return [
        assignment_of(rule, by_rule.get(rule.name) or CleanupPolicy(rule=rule.name))
        for rule in rules
    ]
