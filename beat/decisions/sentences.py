"""What the ledger says to people about occurrences that did not run."""

from datetime import UTC, datetime, timedelta

from beat.decisions.policy_rules import PolicyRules

# The ledger's column holds no more.
LONGEST = 500


def paused(rules: PolicyRules) -> str:
    """Return why occurrences within a pause were skipped: the same text all through the pause."""
    until = f" until {_shown(rules.paused_until)}" if rules.paused_until else ""
    why = f" ({rules.pause_reason})" if rules.pause_reason else ""
    return f"The schedule was paused{until}{why}. To run it again, resume it in its policy."[
        :LONGEST
    ]


def excluded(why: str) -> str:
    """Return why the calendar's occurrences were skipped."""
    return f"Not due by the schedule's calendar: {why}. To run then, change the calendar."[:LONGEST]


def missed(rules: PolicyRules, count: int, first: datetime, last: datetime) -> str:
    """Return how many occurrences were missed, when, and which rule says that they do not run."""
    span = f"at {_shown(first)}" if count == 1 else f"from {_shown(first)} to {_shown(last)}"
    were, them = (
        ("1 occurrence was", "it") if count == 1 else (f"{count:,} occurrences were", "them")
    )
    return (
        f"{were} missed {span}: no beat claimed {them} in time. {_rule(rules)} "
        "To change that, set catch-up in the schedule's policy."
    )[:LONGEST]


def _rule(rules: PolicyRules) -> str:
    if rules.catch_up == "none":
        return "Its policy catches up with none."
    which = "the newest one only"
    if rules.catch_up == "all":
        which = f"the newest {rules.catch_up_limit:,} at most"
    return f"Its policy runs {which}, and none older than {_length(rules.catch_up_window)}."


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _length(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
