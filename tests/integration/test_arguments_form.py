"""The form of a task's arguments: what it shows, keeps, refuses and accepts."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from beat.arguments.fields.choosing import field_of
from beat.arguments.form import ArgumentsForm
from jobs.runs.arguments import Parameter
from tests.conftest import People
from tests.integration import argument_tasks  # noqa: F401 -- registers its tasks
from tests.integration.test_arguments_checks import DEEP

pytestmark = pytest.mark.django_db
FLAT = {
    "span": {"begin": "2026-03-01", "days": 3},
    "window": {"since": "2026-03-01"},
    "other": None,
    "heading": {"title": "x"},
}


def posted(task: str, mode: str = "fields", **values: str) -> dict[str, Any]:
    """Return what a browser posts for the fields of a task."""
    own = {f"argument-{name}": text for name, text in values.items()}
    return {"arguments-task": f"arguments.{task}", "arguments-mode": mode, **own}


def form_of(task: str, data: Any = None, args: Any = (), kwargs: Any = None) -> ArgumentsForm:
    """Return the form of a schedule with these arguments."""
    stored = json.dumps(list(args)), json.dumps(kwargs or {})
    return ArgumentsForm(f"arguments.{task}", data, stored)


def shown(form: ArgumentsForm) -> dict[str, str]:
    """Return what stands in the fields that are not empty."""
    values = {name.split("-", 1)[1]: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value}


def test_each_parameter_has_a_field_and_what_is_left_empty_is_not_stored() -> None:
    form = form_of("plain", posted("plain", count="5", name="", share="2.5", is_dry=""))
    assert form.is_valid()
    assert form.args_kwargs() == ([], {"count": 5, "share": 2.5})
    assert form.texts() == ("[]", '{"count": 5, "share": 2.5}')


def test_labels_help_and_defaults_come_from_the_signature() -> None:
    html = render_to_string("beat/arguments.html", {"arguments": form_of("plain")})
    assert "Take plain values." in html
    assert "How many rows there are at most. A whole number." in html
    assert 'placeholder="default: x"' in html
    assert ">default: no</option>" in html
    assert html.count("(required)") == 1


@pytest.mark.parametrize(
    ("task", "kwargs"),
    [
        ("plain", {"count": 5, "name": "Ärger, 1", "share": 1e-7, "is_dry": False}),
        ("required", {"is_dry": True, "names": ["a", "b c"], "limit": None}),
        ("instants", {"day": "2026-03-01", "at": "10:30", "since": "2026-03-01T10:30"}),
        ("instants", {"day": "2026-03-01", "since": "2026-03-01T10:30:00+01:00", "at": None}),
        ("instants", {"day": {"__type__": "date", "__value__": "2026-03-01"}}),
        ("choices", {"cadence": 5, "colour": "red", "levels": [1, 2]}),
        ("structures", {"span": {"begin": "2026-03-01"}, "options": {"title": "x"}}),
        ("flat", FLAT | {"window": {"since": None}}),
        ("flat", FLAT | {"other": {"since": "2026-03-01", "names": ["a"], "is_open": False}}),
        # What no inputs mean: another order, nothing written out, nothing at all.
        ("flat", FLAT | {"span": {"days": 3, "begin": "2026-03-01"}, "last": None}),
        ("flat", FLAT | {"heading": {"title": "x", "day": None, "words": []}, "other": None}),
        ("untyped", {"first": "5", "second": " padded\n", "more": {"a": [1, None]}, "x": "\t"}),
        ("untyped", {"first": "true", "second": "\r\n", "x": "half \x07"}),
        ("plain", {"count": 10**400, "name": "\nline"}),
    ],
)
def test_what_is_stored_is_shown_and_saved_as_it_was(task: str, kwargs: dict[str, Any]) -> None:
    form = form_of(task, kwargs=kwargs)
    data = {name: form[name].value() for name in form.fields} | posted(task, form.mode)
    again = form_of(task, data | {"arguments-any": list(form.as_any())}, kwargs=kwargs)
    assert again.is_valid(), again.errors
    assert again.args_kwargs() == ([], kwargs)


def test_a_flat_object_has_an_input_for_each_field_and_a_deep_one_is_json() -> None:
    form = form_of("flat", kwargs=FLAT)
    labels = {name: field.label for name, field in form.fields.items()}
    assert labels["argument-span.begin"] == "Span: begin"
    assert labels["argument-heading.words"] == "Heading: words"
    assert "The days to report." in form.fields["argument-span.begin"].help_text
    assert form["argument-span.begin"].value() == "2026-03-01"
    values = {"span.begin": "2026-03-05", "span.days": "", "window.since": "", "heading.title": "x"}
    saved = form_of("flat", posted("flat", **values, **{"window.names": "a\r\nb"}))
    assert saved.is_valid(), saved.errors
    window = {"since": None, "names": ["a", "b"]}
    assert saved.args_kwargs() == (
        [],
        {
            "span": {"begin": "2026-03-05"},
            "window": window,
            "other": None,
            "heading": {"title": "x"},
        },
    )
    assert "argument-options" in form_of("structures").fields


def test_a_mistake_in_an_object_stands_at_the_field_of_it() -> None:
    values = {"span.days": "3", "heading.title": "x" * 21, "last.days": "x"}
    errors = form_of("flat", posted("flat", **values)).errors
    assert errors["argument-span.begin"] == ["It is missing."]
    assert "at most 20 characters" in errors["argument-heading.title"][0]
    assert errors["argument-last.days"] == ["Write a whole number, such as 5."]
    nothing = form_of("flat", posted("flat")).errors
    assert "It is required" in nothing["argument-span.begin"][0]


@pytest.mark.parametrize(
    "span", [{"begin": "2026-03-01", "days": "many"}, {"days": 3, "begin": "2026-03-01"}, {}]
)
def test_an_object_that_its_inputs_cannot_show_is_json(span: dict[str, Any]) -> None:
    form = form_of("flat", kwargs=FLAT | {"span": span})
    assert json.loads(shown(form)["span"]) == span
    if "many" in span.values():
        assert form.refusals() == ["“span”: “days”: write a whole number."]


def test_what_a_browser_would_not_send_back_is_shown_as_json() -> None:
    form = form_of("plain", kwargs={"count": 1, "name": "half \x07"})
    assert shown(form) == {"count": "1", "name": '"half \\u0007"'}


def test_a_value_of_another_type_is_shown_and_refused_at_its_field() -> None:
    form = form_of("plain", kwargs={"count": 2.5, "share": "half"})
    assert shown(form) == {"count": "2.5", "share": "half"}
    assert {"argument-count", "argument-share"} <= {*form.as_any()}
    data = posted("plain", count="2.5", share="half") | {"arguments-any": list(form.as_any())}
    errors = form_of("plain", data).errors
    assert errors["argument-count"] == ["Write a whole number."]
    assert errors["argument-share"] == ["Write a number."]


def test_what_was_given_by_its_place_stays_there() -> None:
    form = form_of("plain", posted("plain", count="6", name="y", share="2"), args=[5, "x"])
    assert form.is_valid()
    assert form.args_kwargs() == ([6, "y"], {"share": 2})


def test_values_after_an_empty_one_by_place_get_its_default_before_them() -> None:
    data = posted("by_place", first="1", second="", last="") | {
        "arguments-more-args": "2026-03-01\r\n2026-03-02"
    }
    form = form_of("by_place", data)
    assert form.is_valid(), form.errors
    assert form.args_kwargs() == ([1, "b", "2026-03-01", "2026-03-02"], {})


def test_each_mistake_stands_at_its_field() -> None:
    data = posted("instants", day="2026-02-30", at="25:00", days="2026-03-01\nyesterday")
    errors = form_of("instants", data).errors
    assert errors["argument-day"] == ["Write a date such as 2026-03-01."]
    assert errors["argument-at"] == ["Write a time of day such as 10:30."]
    assert errors["argument-days"] == ["Entry 2: write a date such as 2026-03-01."]
    errors = form_of("plain", posted("plain", count="five", name="", share="")).errors
    assert errors["argument-count"] == ["Write a whole number, such as 5."]


def test_arguments_that_the_task_does_not_take_are_shown_and_not_lost() -> None:
    form = form_of("plain", kwargs={"count": 1, "colour": "red"})
    assert json.loads(shown(form)["more-kwargs"]) == {"colour": "red"}
    assert "“colour”: The task takes no “colour”" in form.refusals()[0]
    data = posted("plain", count="1") | {"arguments-more-kwargs": '{"colour": "red"}'}
    assert "takes no “colour”" in form_of("plain", data).errors["arguments-more-kwargs"][0]
    assert form_of("plain", data | {"arguments-more-kwargs": ""}).is_valid()


def test_another_task_keeps_what_has_the_same_name_and_asks_once_more() -> None:
    form = form_of("bound", posted("plain", count="5", name="x"), args=[7])
    assert not form.is_valid()
    assert form.notice.startswith("The task was changed.")
    assert shown(form) == {"name": "x", "more-kwargs": '{\n  "count": 5\n}'}


def test_what_an_empty_field_meant_is_nothing_to_another_task() -> None:
    form = form_of("plain", posted("required", is_dry="true", names="", limit=""))
    assert shown(form) == {"is_dry": "true"}


def test_what_was_written_wrongly_is_kept_for_another_task_too() -> None:
    form = form_of("plain", posted("instants", day="nonsense", every="PT1H"))
    assert json.loads(shown(form)["more-kwargs"]) == {"day": "nonsense", "every": "PT1H"}


def test_json_can_be_written_instead_of_fields_and_back() -> None:
    data = posted("plain", count="5", name="x") | {"arguments-switch": "json"}
    form = form_of("plain", data)
    assert not form.is_valid()
    assert form.mode == "json"
    assert json.loads(shown(form)["kwargs"]) == {"count": 5, "name": "x"}
    data = posted("plain", "json") | {"arguments-kwargs": '{"count": 5}', "arguments-args": ""}
    as_json = form_of("plain", data)
    assert as_json.is_valid()
    assert as_json.args_kwargs() == ([], {"count": 5})
    back = form_of("plain", data | {"arguments-switch": "fields"})
    assert (back.mode, shown(back)) == ("fields", {"count": "5"})


@pytest.mark.parametrize(
    ("args", "kwargs", "field", "sentence"),
    [
        ("{}", "{}", "arguments-args", "Write a JSON list such as [1, 2]."),
        ("[1", "{}", "arguments-args", "This is not valid JSON"),
        ("", "[]", "arguments-kwargs", "Write a JSON object such as"),
        ("", '{"count": "x"}', "arguments-kwargs", "“count”: Write a whole number."),
        ("[NaN]", "", "arguments-args", "NaN is no number"),
        ("[1e999]", "", "arguments-args", "too large"),
        ("[" * 100_000, "", "arguments-args", "nested more than 50 deep"),
    ],
)
def test_json_is_refused_with_a_sentence(args: str, kwargs: str, field: str, sentence: str) -> None:
    data = posted("plain", "json") | {"arguments-args": args, "arguments-kwargs": kwargs}
    assert sentence in form_of("plain", data).errors[field][0]


@pytest.mark.parametrize("text", ["nonsense", "{}", "[NaN]", json.dumps(DEEP), "9" * 5_000])
def test_what_is_stored_and_no_json_list_is_shown_as_it_is(text: str) -> None:
    form = ArgumentsForm("arguments.plain", None, (text, "{}"))
    assert form.mode == "json"
    assert form["arguments-args"].value() == (text if text != "{}" else "")
    assert form.refusals()


def test_a_task_that_is_not_known_here_has_json_only() -> None:
    form = ArgumentsForm("elsewhere.task")
    assert (form.mode, form.may_switch()) == ("json", False)
    data = {"arguments-task": "elsewhere.task", "arguments-mode": "json", "arguments-args": "[1]"}
    form = ArgumentsForm("elsewhere.task", data)
    assert form.is_valid()
    assert form.texts() == ("[1]", "{}")


def test_a_task_that_has_vanished_meanwhile_keeps_what_was_written() -> None:
    data = {"arguments-task": "elsewhere.task", "arguments-mode": "fields", "argument-x": "5"}
    for task in ("elsewhere.task", "arguments.untyped"):
        form = ArgumentsForm(task, data)
        assert not form.is_valid()
        assert form.stored_texts == ("[]", '{"x": "5"}')
    assert ArgumentsForm.redrawn("elsewhere.task", data).stored_texts == ("[]", '{"x": "5"}')


@pytest.mark.parametrize("name", ["arguments-mode", "arguments-switch", "arguments-any"])
def test_nonsense_in_the_hidden_fields_does_no_harm(name: str) -> None:
    form = form_of("plain", posted("plain", count="5") | {name: "nonsense"})
    assert form.mode == "fields"
    assert form.is_valid()
    assert form.args_kwargs() == ([], {"count": 5})


def test_a_page_without_the_form_leaves_what_is_stored() -> None:
    form = ArgumentsForm("arguments.plain", {"name": "x"}, ("nonsense", "{}"))
    assert form.is_valid()
    assert form.texts() == ("nonsense", "{}")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "“{{ 1 }}”", '"><b>'])
def test_no_text_of_a_task_or_a_person_becomes_markup(text: str) -> None:
    field = field_of(Parameter("x", str, default=text, description=text))
    field.help_text = text
    form = form_of("plain", kwargs={"count": 1, "name": text, text: text})
    form.fields["argument-count"] = field
    html = render_to_string("beat/arguments.html", {"arguments": form})
    assert "<script>" not in html
    assert "><b>" not in html


def test_the_fragment_shows_the_fields_of_the_task_on_the_page(admin_client: Client) -> None:
    page = posted("plain", name="x") | {"task": "arguments.bound"}
    html = admin_client.post(reverse("admin:beat_schedule_arguments"), page).content.decode()
    assert 'name="arguments-task" value="arguments.bound"' in html
    assert 'name="argument-name" value="x"' in html
    assert "editor-error" not in html


def test_a_page_without_a_task_asks_for_one_first(admin_client: Client) -> None:
    empty = render_to_string("beat/arguments.html", {"arguments": ArgumentsForm("")})
    assert "Choose a task first." in empty
    page = {"arguments-task": "", "arguments-mode": "json", "task": "arguments.plain"}
    html = admin_client.post(reverse("admin:beat_schedule_arguments"), page).content.decode()
    assert 'name="argument-count"' in html
    assert "editor-error" not in html


def test_the_fragment_is_for_those_who_may_view_schedules(
    people: People, viewer_client: Client, stranger_client: Client
) -> None:
    address = reverse("admin:beat_schedule_arguments")
    assert stranger_client.post(address).status_code == 302
    people.viewer.is_staff = True
    people.viewer.save()
    assert viewer_client.post(address).status_code == 403
    people.viewer.user_permissions.add(Permission.objects.get(codename="view_periodictask"))
    assert viewer_client.post(address).status_code == 200
