"""What a worker hands to a task: each argument as its annotation says.

A call whose arguments do not fit goes on as it is, and the task decides: a caller in code may
know better than an annotation. Only who writes a schedule is refused.
"""

from functools import cache
from inspect import BoundArguments
from typing import Any

from jobs.runs.arguments.fitting import DoesNotFitError, Fitting
from jobs.runs.arguments.pydantic_tasks import fitting_of_celery
from jobs.runs.arguments.reading import Parameter, Signature, signature_of


def as_annotated(
    task: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call as the task's annotations want them."""
    giving = _giving(task)
    if giving is None:
        return args, kwargs
    try:
        bound = giving[0].binds.bind(*args, **kwargs)
    except TypeError:
        return args, kwargs  # Python itself says best what is wrong with this call.
    for parameter, fitting in giving[1]:
        if parameter.name in bound.arguments:
            bound.arguments[parameter.name] = _given(giving[0], parameter, fitting, bound)
    return bound.args, bound.kwargs


@cache
def fitting_of(task: Any, parameter: Parameter) -> Fitting:
    """Return what values of the parameter become."""
    return fitting_of_celery(task, parameter) or Fitting(parameter.annotation)


@cache
def _giving(task: Any) -> tuple[Signature, list[tuple[Parameter, Fitting]]] | None:
    """Return the parameters of which something has to be made; None where there is none."""
    signature = signature_of(task)
    if signature is None:
        return None
    more = (signature.more_positional, signature.more_by_name)
    parameters = [*signature.parameters, *filter(None, more)]
    fittings = [(each, fitting_of(task, each)) for each in parameters]
    needed = [(each, fitting) for each, fitting in fittings if not fitting.is_plain]
    return (signature, needed) if needed else None


def _given(
    signature: Signature, parameter: Parameter, fitting: Fitting, bound: BoundArguments
) -> Any:
    value = bound.arguments[parameter.name]
    if parameter is signature.more_positional:
        return tuple(_fitted(fitting, each) for each in value)
    if parameter is signature.more_by_name:
        return {name: _fitted(fitting, each) for name, each in value.items()}
    return _fitted(fitting, value)


def _fitted(fitting: Fitting, value: Any) -> Any:
    try:
        return fitting.fit(value)
    except DoesNotFitError:
        return value
