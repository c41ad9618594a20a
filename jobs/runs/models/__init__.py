"""The ledger's tables."""

from jobs.runs.models.attempt import Attempt
from jobs.runs.models.limit import RateLimit
from jobs.runs.models.log import RunLog
from jobs.runs.models.once import Once
from jobs.runs.models.run import Run
from jobs.runs.models.worker import Worker

__all__ = ["Attempt", "Once", "RateLimit", "Run", "RunLog", "Worker"]
