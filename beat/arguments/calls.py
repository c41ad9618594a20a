"""A call of a task, as a worker would make it, and what Python and the annotations refuse of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from beat.arguments.refusals import refusals
from beat.arguments.words import in_words
from jobs.runs.arguments import DoesNotFitError, Parameter, Signature, fitting_of

# Of all that are given by place, and of all that are given by name.
ARGS, KWARGS = "args", "kwargs"


@dataclass(frozen=True)
class Problem:
    """Why a task would not run.

    `field` is the name of the argument, or "args" or "kwargs" for all by place or all by name.
    """

    field: str
    sentence: str


@dataclass(frozen=True)
class Call:
    """A call; the arguments are as they come out of the message."""

    task: Any
    signature: Signature
    args: list[Any]
    kwargs: dict[str, Any]

    def problems(self) -> Iterator[Problem]:
        """Yield why the task would not run."""
        yield from self._of_count()
        for name in self.kwargs:
            yield from self._of_name(name)
        yield from self._of_missing()
        for parameter, value in self._given():
            for sentence in self._refusals(parameter, value):
                yield Problem(parameter.name, sentence)

    def _positional(self) -> list[Parameter]:
        return [each for each in self.signature.parameters if not each.is_by_name_only]

    def _by_position(self) -> dict[str, Any]:
        names = [each.name for each in self._positional()]
        return dict(zip(names, self.args, strict=False))

    def _of_count(self) -> Iterator[Problem]:
        most, given = len(self._positional()), len(self.args)
        if given > most and self.signature.more_positional is None:
            yield Problem(
                ARGS, f"Values by their place: {given} are given, and the task takes {most}."
            )

    def _of_name(self, name: str) -> Iterator[Problem]:
        parameter = self.signature.parameter(name)
        if name in self.signature.taken_names:
            yield Problem(name, f"Nothing can be given by the name “{name}”: the call uses it.")
        elif parameter is not None and not parameter.is_positional_only:
            if name in self._by_position():
                yield Problem(name, "It is given twice, by its name and by its place.")
        elif self.signature.more_by_name is None:
            yield Problem(name, self._unknown(name, parameter))

    def _unknown(self, name: str, parameter: Parameter | None) -> str:
        if parameter is not None:
            return f"“{name}” has to be given by its place, in the list of positional arguments."
        known = [f"“{each.name}”" for each in self.signature.parameters]
        takes = f"It takes {', '.join(known)}." if known else "It takes nothing."
        return f"The task takes no “{name}”. {takes} Remove it or correct its name."

    def _of_missing(self) -> Iterator[Problem]:
        given = self._by_position()
        for parameter in self.signature.parameters:
            by_name = not parameter.is_positional_only and parameter.name in self.kwargs
            if parameter.is_required and not by_name and parameter.name not in given:
                words = in_words(parameter.annotation)
                yield Problem(parameter.name, f"It is required: write {words}.")

    def _given(self) -> Iterator[tuple[Parameter, Any]]:
        """Yield each value with the parameter that it is for."""
        by_position, more = self._by_position(), self.signature.more_positional
        for name, value in by_position.items():
            yield self._known(name), value
        if more is not None:
            for value in self.args[len(by_position) :]:
                yield more, value
        for name, value in self.kwargs.items():
            parameter = self.signature.parameter(name)
            if parameter is not None and not parameter.is_positional_only:
                yield parameter, value
            elif self.signature.more_by_name is not None:
                yield self.signature.more_by_name, value

    def _known(self, name: str) -> Parameter:
        parameter = self.signature.parameter(name)
        assert parameter is not None  # noqa: S101 -- it was found by its place
        return parameter

    def _refusals(self, parameter: Parameter, value: Any) -> list[str]:
        try:
            fitting_of(self.task, parameter).fit(value)
        except DoesNotFitError as problem:
            return refusals(parameter.annotation, problem.errors)
        except Exception as problem:  # noqa: BLE001 -- a model's validator may raise anything
            return [f"It cannot be checked: {type(problem).__name__}: {str(problem)[:200]}."]
        return []
