"""The signature of a task: what is read from its function and its docstring."""

from datetime import date
from typing import Any

import pytest
from celery import Task

from jobs.runs.arguments import NO_DEFAULT, Signature, signature_of
from jobs.runs.arguments.docstrings import documented
from scheduler_site.celery import app
from tests.integration import argument_tasks

NEVER_IMPORTED = "decimal_of_another_module"


class AsClass(Task):  # type: ignore[type-arg]
    """A task as a class."""

    name = "tests.as_class"

    def run(self, day: date, count: int = 2) -> None:
        """Do it."""


@app.task(name="tests.takes_self")
def takes_self(self: int, other: int = 1) -> None:
    """Take a parameter that only looks like the task."""


@app.task(name="tests.bound_and_wrapped", bind=True, autoretry_for=(OSError,), pydantic=True)
def bound_and_wrapped(task: Task[Any, Any], /, day: date) -> None:
    """Do it, within two wrappers of Celery."""


def signature(task: Any) -> Signature:
    """Return the signature of a task that has one."""
    found = signature_of(task)
    assert found is not None
    return found


def names(task: Any) -> list[str]:
    """Return the names of the parameters."""
    return [each.name for each in signature(task).parameters]


def test_parameters_have_types_defaults_and_descriptions() -> None:
    count, name, share, is_dry = signature(argument_tasks.plain).parameters
    assert (count.annotation, count.default, count.is_required) == (int, NO_DEFAULT, True)
    assert count.description == "How many rows there are at most."
    assert (name.default, name.description) == ("x", "The name.")
    assert (share.description, is_dry.is_by_name_only, count.is_by_name_only) == ("", True, False)
    assert signature(argument_tasks.plain).summary == "Take plain values."


def test_a_bound_task_does_not_show_itself() -> None:
    assert names(argument_tasks.bound) == ["name"]
    assert names(bound_and_wrapped) == ["day"]
    assert "task" in signature(argument_tasks.bound).taken_names


def test_a_task_that_is_a_class_is_read_by_its_run() -> None:
    assert names(app.register_task(AsClass())) == ["day", "count"]


def test_values_by_place_and_by_name_beyond_the_parameters_have_their_types() -> None:
    more = signature(argument_tasks.by_place).more_positional
    assert more is not None
    assert more.annotation is date
    first, second, last = signature(argument_tasks.by_place).parameters
    assert [first.is_positional_only, second.is_positional_only] == [True, True]
    assert last.is_by_name_only
    limits = signature(argument_tasks.bound).more_by_name
    assert limits is not None
    assert limits.annotation is int


def test_a_type_that_cannot_be_found_spoils_no_other_one() -> None:
    first, second = signature(argument_tasks.unreadable).parameters
    assert (first.annotation, first.unreadable) == (Any, "Missing")
    assert (second.annotation, second.unreadable) == (int, "")


def test_a_parameter_called_self_is_given_by_its_place() -> None:
    own, other = signature(takes_self).parameters
    assert (own.is_positional_only, other.is_positional_only) == (True, False)


def test_what_python_cannot_inspect_has_no_signature() -> None:
    class Opaque:
        run = print
        __doc__ = None

    Opaque.run = type  # type: ignore[assignment]
    assert signature_of(Opaque) is None


@pytest.mark.parametrize(
    "docstring",
    [
        """Do it.

        Args:
            first: What comes first,
                and more of it.
            second (int): The second.
            **more: The rest.

        Returns:
            nothing: at all
        """,
        """Do it.

        :param first: What comes first,
            and more of it.
        :param int second: The second.
        :param more: The rest.
        :returns: nothing: at all
        """,
    ],
)
def test_both_ways_to_describe_parameters_are_read(docstring: str) -> None:
    assert documented(docstring).parameters == {
        "first": "What comes first, and more of it.",
        "second": "The second.",
        "more": "The rest.",
    }
    assert documented(docstring).summary == "Do it."


def test_the_summary_is_the_first_paragraph_as_one_line() -> None:
    assert documented("Do it,\n    and well.\n\n    Really.").summary == "Do it, and well."
    assert documented(None).summary == ""
    assert documented("Args:\n    x: y").summary == ""
