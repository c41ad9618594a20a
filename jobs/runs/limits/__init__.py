"""Limits of a task: how many of its runs may be under way at once, and how fast they start.

    @shared_task(limits=Limits(concurrency=2, key="feed:{feed_id}", rate="10/m"))

They hold across all workers and beats, because the ledger keeps them. What has to wait waits
there as a pending run with a sentence that says for what.
"""

from jobs.runs.limits.admission import Admission, admit, wake
from jobs.runs.limits.declared import Limits, LimitsError
from jobs.runs.limits.ledger import forget_rates
from jobs.runs.limits.starting import admit_started

__all__ = [
    "Admission",
    "Limits",
    "LimitsError",
    "admit",
    "admit_started",
    "forget_rates",
    "wake",
]
