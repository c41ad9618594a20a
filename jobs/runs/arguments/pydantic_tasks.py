"""Tasks of `@shared_task(pydantic=True)`: Celery itself makes models of what they are given.

It does so for parameters that are a model or an optional one, with a strictness and a context
that only its wrapper knows. So the wrapper is asked (celery 5.7, `pydantic_wrapper` in
celery/app/base.py), and at a worker such arguments are left to it.
"""

import inspect
from typing import Any

from pydantic import ValidationError

from jobs.runs.arguments.fitting import DoesNotFitError, Fitting
from jobs.runs.arguments.reading import Parameter


class FittingOfCelery(Fitting):
    """What Celery makes of the values of one parameter; nothing is left to be made of them."""

    def __init__(self, annotation: Any, validate: Any, model: type) -> None:
        super().__init__(annotation)
        self.is_plain = True
        self._validate = validate
        self._model = model

    def fit(self, value: Any) -> Any:
        """Return the value as it is; raises DoesNotFitError."""
        if value is None and self._model is not self.annotation:
            return value
        try:
            self._validate(self._model, value)
        except ValidationError as problem:
            raise DoesNotFitError(problem.errors(include_url=False, include_input=False)) from None
        return value


def fitting_of_celery(task: Any, parameter: Parameter) -> Fitting | None:
    """Return what Celery makes of the parameter, None where it makes nothing of it."""
    if getattr(task, "_dump_pydantic_arguments", None) is None:
        return None
    parts = _parts_of_wrapper(task.run)
    model = parts["get_argument_model"](parameter.name, "anything but None")
    if model is None:
        return None
    return FittingOfCelery(parameter.annotation, parts["validate_argument"], model)


def _parts_of_wrapper(run: Any) -> dict[str, Any]:
    """Return the functions within Celery's wrapper, which `dump_arguments` of it uses too."""
    dump_argument = inspect.getclosurevars(run.dump_arguments).nonlocals["dump_argument"]
    return dict(inspect.getclosurevars(dump_argument).nonlocals)
