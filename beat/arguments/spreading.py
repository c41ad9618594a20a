"""Stored arguments as values of parameters, and back."""

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from kombu.utils import json as kombu_json

from beat.arguments.calls import Problem
from jobs.runs.arguments import DoesNotFitError, Fitting, Parameter, Signature


@dataclass(frozen=True)
class Spread:
    """Arguments by their parameters.

    `by_name` holds those of the parameters, `more_positional` and `more_by_name` what else is
    given, whether or not the task takes it. So many of the parameters are given by their place.
    """

    by_name: dict[str, Any] = field(default_factory=dict)
    more_positional: list[Any] = field(default_factory=list)
    more_by_name: dict[str, Any] = field(default_factory=dict)
    by_place: int = 0


def spread(signature: Signature, args: list[Any], kwargs: dict[str, Any]) -> Spread | None:
    """Return stored arguments by parameter; None when a parameter is given twice."""
    places = _places(signature)
    by_name = {each.name: value for each, value in zip(places, args, strict=False)}
    by_place = len(by_name)
    more_by_name = {}
    for name, value in kwargs.items():
        parameter = signature.parameter(name)
        if parameter is None or parameter.is_positional_only:
            more_by_name[name] = value
        elif name in by_name:
            return None
        else:
            by_name[name] = value
    return Spread(by_name, args[len(places) :], more_by_name, by_place)


def gathered(
    signature: Signature, values: Spread
) -> tuple[list[Any], dict[str, Any], list[Problem]]:
    """Return the positional and the keyword arguments, and what keeps them from being given.

    By their place are given those that were so before, those that cannot be given otherwise, and
    those before them. A default in between is written out: a place cannot be left empty.
    """
    args: list[Any] = []
    problems: list[Problem] = []
    places = _places(signature)
    needed = _places_needed(places, values)
    for place, parameter in enumerate(places):
        if parameter.name in values.by_name and place < max(needed, values.by_place):
            args.append(values.by_name[parameter.name])
        elif place < needed:
            default = _default_as_json(parameter)
            if default is None:
                problems.append(Problem(parameter.name, _must_be_given(parameter)))
            else:
                args.append(default[0])
        else:
            break
    given_by_place = {each.name for each in places[: len(args)]}
    kwargs = {
        name: value for name, value in values.by_name.items() if name not in given_by_place
    } | values.more_by_name
    return [*args, *values.more_positional], kwargs, problems


def _places(signature: Signature) -> list[Parameter]:
    return [each for each in signature.parameters if not each.is_by_name_only]


def _places_needed(places: list[Parameter], values: Spread) -> int:
    """Return how many of the first parameters have to be given by their place."""
    if values.more_positional:
        return len(places)
    given = [
        place
        for place, each in enumerate(places, 1)
        if each.is_positional_only and each.name in values.by_name
    ]
    return max(given, default=0)


def _default_as_json(parameter: Parameter) -> tuple[Any] | None:
    """Return what means the default in a message, None when nothing does."""
    if parameter.is_required:
        return None
    default = parameter.default
    try:
        text = kombu_json.dumps(default.value if isinstance(default, Enum) else default)
        if Fitting(parameter.annotation).fit(kombu_json.loads(text)) == default:
            return (json.loads(text),)
    except (TypeError, ValueError, DoesNotFitError):
        pass
    return None


def _must_be_given(parameter: Parameter) -> str:
    if parameter.is_required:
        return "It is required, since values after it are given."
    return "Write a value: others after it are given by their place, and its default is not JSON."
