"""The words for where a run stands. docs/states.md draws the transitions."""

from django.db.models import TextChoices


class State(TextChoices):
    """Where a run stands; `ENDS` are never left again."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    LOST = "lost"


class Kind(TextChoices):
    """Why a run exists."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    BACKFILL = "backfill"
    RETRY = "retry"
    ADHOC = "adhoc"
    REHEARSAL = "rehearsal"


class Overlap(TextChoices):
    """What happens to a run that is due while an earlier one of its schedule is under way."""

    SKIP = "skip", "Skip the later one"
    QUEUE_ONE = "queue_one", "Let one wait"
    QUEUE_ALL = "queue_all", "Let all wait"
    CANCEL_PREVIOUS = "cancel_previous", "Cancel the earlier one"
    ALLOW = "allow", "Run both"


# A message may reach a worker before the commit that says "queued", so both may start.
STARTABLE = (State.PENDING, State.QUEUED)
UNDER_WAY = (State.PENDING, State.QUEUED, State.RUNNING)
ENDS = tuple(state for state in State if state not in UNDER_WAY)
# Why a pending run waits, as its reason: for a slot of its key, or for its place in a rate.
WAITS_FOR_SLOT = "limit"
WAITS_FOR_RATE = "rate"
FAILURES = (State.FAILED, State.LOST)
