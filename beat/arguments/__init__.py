"""With what a schedule runs its task: the task's signature, checks, and the form made from it."""

from beat.arguments.calls import Problem
from beat.arguments.checking import check
from beat.arguments.tasks import signature_of, task_names, task_warnings

__all__ = ["Problem", "check", "signature_of", "task_names", "task_warnings"]
