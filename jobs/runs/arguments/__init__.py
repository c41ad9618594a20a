"""What a task takes, read from its function, and what its values become at a worker.

A schedule's arguments are JSON. A worker gives the task what its annotations say: "2026-03-01"
for a `date` becomes a date, an object for a dataclass becomes one. Whoever checks arguments asks
the same code that the worker uses, so that what is accepted runs.
"""

from jobs.runs.arguments.fitting import DoesNotFitError, Fitting
from jobs.runs.arguments.giving import as_annotated, fitting_of
from jobs.runs.arguments.reading import NO_DEFAULT, Parameter, Signature, signature_of

__all__ = [
    "NO_DEFAULT",
    "DoesNotFitError",
    "Fitting",
    "Parameter",
    "Signature",
    "as_annotated",
    "fitting_of",
    "signature_of",
]
