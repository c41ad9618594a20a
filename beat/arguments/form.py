"""The form of a task's arguments: a field for each parameter, or JSON for all of them.

Its names begin with `argument-` and `arguments-`, so that it stands within any other form. What
it accepts runs: the whole call is checked by the code that a worker uses.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorDict

from beat.arguments.calls import ARGS, KWARGS, Problem
from beat.arguments.checking import check, sendable_text
from beat.arguments.fields import NOT_GIVEN
from beat.arguments.fields.single import AnyArgument, JsonArgument
from beat.arguments.parameter_fields import parameter_fields
from beat.arguments.posted import (
    AS_ANY,
    AS_FIELDS,
    AS_JSON,
    JSON_NAMES,
    MODE,
    MORE_NAMES,
    PREFIX,
    SWITCH,
    TASK,
    all_of,
)
from beat.arguments.spreading import Spread, gathered, spread
from beat.arguments.stored_texts import EMPTY, as_texts, pretty, read_stored, unread
from beat.arguments.structures import place_within, structures_of, values_by_name
from beat.arguments.tasks import signature_of, task_warnings
from jobs.runs.arguments import Signature

KINDS = {ARGS: (list, "[1, 2]"), KWARGS: (dict, '{"name": "value"}')}
TASK_CHANGED = "The task was changed. These are its arguments: look at them, then save."
MODE_CHANGED = "Nothing is saved yet: look at the arguments, then save."


class ArgumentsForm(forms.Form):
    """The arguments of a task.

    `stored` are the JSON texts of the positional and the keyword arguments, as a schedule has
    them. `data` is what was posted. Of data that was posted for another task, or with the button
    for the other mode, it keeps what it can and is not valid: it asks once more.
    """

    use_required_attribute = False

    def __init__(
        self,
        task_name: str,
        data: Mapping[str, Any] | None = None,
        stored: tuple[str, str] = EMPTY,
        *,
        mode: str = "",
        queue: str = "",
        exchange: str = "",
    ) -> None:
        """Make the fields; `mode` asks for AS_FIELDS or AS_JSON where both are possible."""
        self.task_name, self.queue, self.exchange = task_name, queue, exchange
        self.signature = signature_of(task_name)
        self.notice = ""
        # While it is being filled in, what is missing is no mistake.
        self.is_unfinished = False
        if data is not None and MODE not in data:
            data = None  # A page without this form: what is stored stays.
        if data is not None:
            stored, mode, data = self._asked_again(data, stored, mode)
        self.stored_texts = stored
        super().__init__(data)
        self.mode = AS_JSON
        self._make_fields(_mode(data[MODE] if data is not None else mode))

    def _asked_again(
        self, data: Mapping[str, Any], stored: tuple[str, str], mode: str
    ) -> tuple[tuple[str, str], str, Mapping[str, Any] | None]:
        """Return what is stored, the mode and the data, once what was posted is for this form."""
        posted_for, posted_mode = str(data.get(TASK, self.task_name)), _mode(data[MODE])
        asked_mode = _mode_after(data, is_same_task=posted_for == self.task_name)
        # A task that is no longer registered has no fields any more.
        is_there = posted_mode == AS_JSON or self.signature is not None
        if posted_for == self.task_name and asked_mode == posted_mode and is_there:
            return stored, mode, data
        self.notice = MODE_CHANGED if SWITCH in data else TASK_CHANGED
        before = stored if posted_for == self.task_name else EMPTY
        kept = _kept(posted_for, data, before, is_same_task=posted_for == self.task_name)
        return kept, asked_mode, None

    @classmethod
    def redrawn(cls, task_name: str, data: Mapping[str, Any], **bounds: str) -> "ArgumentsForm":
        """Return the form for a page that is still being filled in: with its values, unchecked."""
        posted_for = str(data.get(TASK, task_name))
        is_same_task = posted_for == task_name
        mode = _mode_after(data, is_same_task=is_same_task)
        kept = _kept(posted_for, data, EMPTY, is_same_task=is_same_task)
        form = cls(task_name, None, kept, mode=mode, **bounds)
        form.is_unfinished = True
        return form

    def _make_fields(self, mode: str) -> None:
        values = Spread() if self.is_bound else self._stored_values()
        if self.signature is not None and values is not None and mode == AS_FIELDS:
            self.mode = AS_FIELDS
            self._make_parameter_fields(self.signature, values)
        elif self.task_name or self.stored_texts != EMPTY:
            self._make_json_fields()

    def _stored_values(self) -> Spread | None:
        """Return what is stored by parameter, None where that cannot be shown in fields."""
        stored = read_stored(self.stored_texts)
        if self.signature is None or stored is None:
            return None
        return spread(self.signature, *stored)

    def _make_parameter_fields(self, signature: Signature, values: Spread) -> None:
        as_any = all_of(self.data, AS_ANY) if self.is_bound else []
        for name, field, text in parameter_fields(signature, values, as_any, self.data):
            self.fields[name] = field
            self.initial[name] = text

    def _make_json_fields(self) -> None:
        for which, (_, example) in KINDS.items():
            field = JsonArgument(example=example, kind=KINDS[which][0], required=False)
            field.label = "Positional arguments" if which == ARGS else "Arguments by name"
            field.help_text = f"{'A JSON list' if which == ARGS else 'A JSON object'}: {example}."
            field.of_nothing = KINDS[which][0]()
            self.fields[JSON_NAMES[which]] = field
        for which, text in zip(KINDS, self.stored_texts, strict=True):
            self.initial[JSON_NAMES[which]] = pretty(text)

    @property
    def errors(self) -> ErrorDict:
        """Return what is wrong; when it asks once more, the sentence that says so."""
        found: ErrorDict = super().errors
        if self.notice and NON_FIELD_ERRORS not in found:
            found[NON_FIELD_ERRORS] = self.error_class([self.notice])
        return found

    def is_valid(self) -> bool:
        """Return whether it can be saved; without data what is stored stays, whatever it is."""
        return not self.errors

    def clean(self) -> dict[str, Any]:
        """Check the whole call; each problem stands at its field."""
        # A field that is refused below has no clean value any more.
        self._values = dict(self.cleaned_data)
        self._args, self._kwargs, problems = self._read()
        if not problems:
            problems = check(self.task_name, self._args, self._kwargs)
        unreadable = set(self.errors)
        for problem in problems:
            name, sentence = self._place_of(problem)
            if name not in unreadable:
                self.add_error(name, sentence)
        return self.cleaned_data

    def args_kwargs(self) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of a valid form, as they are stored and sent."""
        if self.is_bound:
            return self._args, self._kwargs
        stored = read_stored(self.stored_texts)
        if stored is None:
            raise ValueError("what is stored is no JSON")
        return stored

    def texts(self) -> tuple[str, str]:
        """Return the arguments of a valid form as the JSON texts of a schedule's columns."""
        if not self.is_bound:
            return self.stored_texts
        args, kwargs = self.args_kwargs()
        return sendable_text(args), sendable_text(kwargs)

    def as_far_as_read(self, *, is_for_another_task: bool = False) -> tuple[str, str]:
        """Return what was posted as JSON texts, with what cannot be read as the text that it is.

        For another task without what an empty field means to this one.
        """
        if not self.is_bound or not self.fields:
            return self.stored_texts
        if self.mode == AS_JSON:
            return self[JSON_NAMES[ARGS]].value() or "[]", self[JSON_NAMES[KWARGS]].value() or "{}"
        self.full_clean()
        for name in self.fields.keys() - self._values.keys():
            self._values[name] = unread(name, self[name].value())
        if is_for_another_task:
            self._values = {name: each for name, each in self._values.items() if self[name].value()}
        args, kwargs, _ = self._read()
        return sendable_text(args), sendable_text(kwargs)

    def stored_problems(self) -> list[str]:
        """Return why the task would not run with what is stored."""
        stored = read_stored(self.stored_texts)
        if stored is None:
            return ["What is stored is not valid JSON. Correct it."]
        problems = check(self.task_name, *stored)
        if self.is_unfinished:
            problems = [each for each in problems if each.field not in self._missing(*stored)]
        return [self._sentence_with_name(problem) for problem in problems]

    def _missing(self, args: list[Any], kwargs: dict[str, Any]) -> set[str]:
        given = spread(self.signature, args, kwargs) if self.signature else None
        if self.signature is None or given is None:
            return set()
        return {each.name for each in self.signature.parameters} - given.by_name.keys()

    def refusals(self) -> list[str]:
        """Return what is wrong with what is stored, or with the call as a whole."""
        if self.is_bound:
            return [str(each) for each in self.non_field_errors()]
        return self.stored_problems() if self.stored_texts != EMPTY else []

    def may_switch(self) -> bool:
        """Return whether there are both ways to write them."""
        if self.mode == AS_FIELDS:
            return bool(self.fields)
        return self.signature is not None and (self.is_bound or self._stored_values() is not None)

    def other_mode(self) -> str:
        """Return the mode that the switch asks for."""
        return AS_JSON if self.mode == AS_FIELDS else AS_FIELDS

    def warnings(self) -> list[str]:
        """Return sentences about the task and its queue that refuse nothing; reads the workers."""
        return task_warnings(self.task_name, self.queue, self.exchange)

    def as_any(self) -> Iterator[str]:
        """Yield the names of the fields that take more than the field of their parameter may."""
        if self.mode == AS_FIELDS:
            for name, field in self.fields.items():
                if isinstance(field, AnyArgument | JsonArgument):
                    yield name

    def _read(self) -> tuple[list[Any], dict[str, Any], list[Problem]]:
        """Return the arguments that the clean values mean, and what keeps them from being given."""
        values = {name: value for name, value in self._values.items() if value is not NOT_GIVEN}
        if self.mode == AS_JSON:
            return values.get(JSON_NAMES[ARGS], []), values.get(JSON_NAMES[KWARGS], {}), []
        assert self.signature is not None  # noqa: S101 -- the fields were made from it
        more_positional = values.pop(MORE_NAMES[ARGS], [])
        more_by_name = values.pop(MORE_NAMES[KWARGS], {})
        by_name = values_by_name(self.signature, self.fields, values)
        before = read_stored(self.stored_texts)
        by_place = len(before[0]) if before else 0
        return gathered(self.signature, Spread(by_name, more_positional, more_by_name, by_place))

    def _place_of(self, problem: Problem) -> tuple[str, str]:
        """Return the field at which the problem stands, and its sentence there."""
        if self.mode == AS_JSON:
            by_place = problem.field == ARGS
            return JSON_NAMES[ARGS if by_place else KWARGS], self._sentence_with_name(problem)
        if PREFIX + problem.field in self.fields:
            return PREFIX + problem.field, problem.sentence
        structures = structures_of(self.signature, self.fields) if self.signature else {}
        if problem.field in structures:
            return place_within(structures[problem.field], problem.sentence)
        more = self.signature and self.signature.more_positional
        is_positional = problem.field == ARGS or (more and problem.field == more.name)
        name = MORE_NAMES[ARGS if is_positional else KWARGS]
        return (name if name in self.fields else NON_FIELD_ERRORS), problem.sentence

    def _sentence_with_name(self, problem: Problem) -> str:
        if problem.field in KINDS:
            return problem.sentence
        return f"“{problem.field}”: {problem.sentence}"


def _mode_after(data: Mapping[str, Any], *, is_same_task: bool) -> str:
    """Return the mode that is asked for; another task begins with fields."""
    kept_mode = data.get(MODE) if is_same_task else AS_FIELDS
    return _mode(data.get(SWITCH) or kept_mode)


def _mode(text: Any) -> str:
    return AS_JSON if text == AS_JSON else AS_FIELDS


def _kept(
    task_name: str, data: Mapping[str, Any], stored: tuple[str, str], *, is_same_task: bool
) -> tuple[str, str]:
    """Return as JSON texts what was posted for a task, as far as it can be read."""
    as_posted = {name: data[name] for name in data if name != SWITCH}
    if _mode(data.get(MODE)) == AS_FIELDS and signature_of(task_name) is None:
        return "[]", sendable_text(as_texts(as_posted))
    as_posted[AS_ANY] = all_of(data, AS_ANY)
    form = ArgumentsForm(task_name, as_posted, stored)
    return form.as_far_as_read(is_for_another_task=not is_same_task)
