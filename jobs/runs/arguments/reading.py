"""The signature of a task: its parameters with their types, defaults and descriptions."""

import inspect
import sys
import typing
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from jobs.runs.arguments.docstrings import documented

NO_DEFAULT: Any = inspect.Parameter.empty
POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
MORE_POSITIONAL = inspect.Parameter.VAR_POSITIONAL
MORE_BY_NAME = inspect.Parameter.VAR_KEYWORD


# Compared by identity: defaults and annotations need not have a hash.
@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter of a task.

    `annotation` is Any where the function has none, and where its text names nothing that can be
    found; then `unreadable` is that text. `default` is NO_DEFAULT for one that must be given.
    """

    name: str
    annotation: Any = Any
    default: Any = NO_DEFAULT
    is_positional_only: bool = False
    is_by_name_only: bool = False
    description: str = ""
    unreadable: str = ""

    @property
    def is_required(self) -> bool:
        """Return whether a call without it fails."""
        return self.default is NO_DEFAULT


@dataclass(frozen=True, eq=False)
class Signature:
    """What a task takes. `more_positional` and `more_by_name` are `*args` and `**kwargs`."""

    summary: str
    parameters: tuple[Parameter, ...]
    more_positional: Parameter | None
    more_by_name: Parameter | None
    # Names that cannot be given within `**kwargs`: the call itself uses them.
    taken_names: frozenset[str]
    # Arguments are bound by it as Python binds them.
    binds: inspect.Signature

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name."""
        return next((each for each in self.parameters if each.name == name), None)


@cache
def signature_of(task: Any) -> Signature | None:
    """Return the signature of a Celery task, None of one that Python cannot inspect.

    Bound tasks lose their first parameter. Celery's wrappers (autoretry, pydantic) are seen
    through by the `__wrapped__` that they leave.
    """
    try:
        binds = _inspected(task.run)
    except (TypeError, ValueError):
        return None
    function = _function_of(task.run)
    described = documented(inspect.getdoc(function) or inspect.getdoc(task))
    types = _Types(function)
    parameters = {
        each.name: _parameter(each, types, described.parameters)
        for each in binds.parameters.values()
    }
    more = {each.kind: parameters[each.name] for each in binds.parameters.values()}
    return Signature(
        summary=described.summary,
        parameters=tuple(
            parameters[each.name]
            for each in binds.parameters.values()
            if each.kind not in (MORE_POSITIONAL, MORE_BY_NAME)
        ),
        more_positional=more.get(MORE_POSITIONAL),
        more_by_name=more.get(MORE_BY_NAME),
        taken_names=_taken_names(function, binds),
        binds=binds,
    )


def _inspected(run: Callable[..., Any]) -> inspect.Signature:
    """Return Python's signature; since 3.14 annotations are evaluated only when asked for."""
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 (exists since 3.14)

        return inspect.signature(run, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(run)


def _function_of(run: Any) -> Any:
    """Return the function that a person has written."""
    function = inspect.unwrap(run)
    return inspect.unwrap(getattr(function, "__func__", function))


def _parameter(
    parameter: inspect.Parameter, types: "_Types", descriptions: dict[str, str]
) -> Parameter:
    annotation, unreadable = types.of(parameter)
    return Parameter(
        name=parameter.name,
        annotation=annotation,
        default=parameter.default,
        # A parameter called `self` would meet the task itself in `RecordedTask.__call__`.
        is_positional_only=parameter.kind is POSITIONAL_ONLY or parameter.name == "self",
        is_by_name_only=parameter.kind is KEYWORD_ONLY,
        description=descriptions.get(parameter.name, ""),
        unreadable=unreadable,
    )


class _Types:
    """The types of a function's parameters; one that cannot be found spoils no other one."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._all: dict[str, Any] | None = None
        with suppress(Exception):  # An annotation may raise anything; then each is read alone.
            self._all = typing.get_type_hints(function, include_extras=True)

    def of(self, parameter: inspect.Parameter) -> tuple[Any, str]:
        """Return the type, or Any and the annotation's text when it names nothing."""
        if parameter.annotation is inspect.Parameter.empty:
            return Any, ""
        if self._all is not None:
            return self._all[parameter.name], ""
        return self._alone(parameter.annotation)

    def _alone(self, annotation: Any) -> tuple[Any, str]:
        names = getattr(self._function, "__globals__", {})
        carrier = type("Carrier", (), {"__annotations__": {"value": annotation}})
        try:
            return typing.get_type_hints(carrier, names, include_extras=True)["value"], ""
        except Exception:  # noqa: BLE001 -- as above
            return Any, annotation if isinstance(annotation, str) else repr(annotation)


def _taken_names(function: Any, binds: inspect.Signature) -> frozenset[str]:
    """Return the names that a call of the task uses by itself.

    `self` is the task in `RecordedTask.__call__`; so is, under its own name, the first parameter
    of a bound task.
    """
    try:
        first = next(iter(_inspected(function).parameters), "self")
    except (TypeError, ValueError):
        return frozenset({"self"})
    return frozenset({"self"} | ({first} - set(binds.parameters)))
