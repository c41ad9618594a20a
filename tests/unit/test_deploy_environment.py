"""The example environment names every setting, with its sentence and a value that is valid."""

import re

import pytest

from scheduler_site.environment import VARIABLES, read_environment
from tests.deploy_files import DEPLOY

EXAMPLE = (DEPLOY / "env.example").read_text()
LINE = re.compile(r"^(?P<off>#?)(?P<name>[A-Z][A-Z_]*)=(?P<value>.*)$")


def complaints_about(text: str) -> list[str]:
    """Return what is wrong with an example environment."""
    entries = entries_of(text)
    names = [name for name, _, _, _ in entries]
    declared = {variable.name: variable for variable in VARIABLES}
    found = [f"{name} is missing" for name in declared if name not in names]
    found += [f"{name} is not a setting" for name in names if name not in declared]
    found += [f"{name} stands twice" for name in set(names) if names.count(name) > 1]
    for name, is_default, value, sentence in entries:
        if name not in declared:
            continue
        if declared[name].meaning not in sentence:
            found.append(f"{name} has another sentence")
        if is_default and value != declared[name].default:
            found.append(f"{name} shows another default")
        if declared[name].secret != ("(secret)" in sentence):
            found.append(f"{name} is wrong about being secret")
    return found


def entries_of(text: str) -> list[tuple[str, bool, str, str]]:
    """Return name, whether it is only shown, value, and the line above, of each entry."""
    lines = text.splitlines()
    matches = [(LINE.match(line), above) for above, line in zip(["", *lines], lines, strict=False)]
    return [
        (found["name"], bool(found["off"]), found["value"], above)
        for found, above in matches
        if found
    ]


def test_the_example_environment_is_complete_and_right() -> None:
    assert complaints_about(EXAMPLE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("#TIME_ZONE=UTC", "", "TIME_ZONE is missing"),
        ("#TIME_ZONE=UTC", "#TIMEZONE=UTC", "TIMEZONE is not a setting"),
        ("#TIME_ZONE=UTC", "#TIME_ZONE=CET", "another default"),
        ("#TIME_ZONE=UTC", "#TIME_ZONE=UTC\n#TIME_ZONE=UTC", "stands twice"),
        ("(secret)", "", "wrong about being secret"),
        ("# Host of the SMTP server.", "# Host.", "another sentence"),
    ],
)
def test_a_mistake_in_the_example_is_noticed(right: str, wrong: str, complaint: str) -> None:
    assert right in EXAMPLE
    assert any(complaint in text for text in complaints_about(EXAMPLE.replace(right, wrong)))


def test_the_values_of_the_example_are_valid() -> None:
    given = {name: value for name, is_default, value, _ in entries_of(EXAMPLE) if not is_default}
    values = read_environment(given)
    assert values["BEHIND_TLS_PROXY"] is True
    assert values["SITE_URL"].startswith("https://")


def test_the_example_holds_no_secret() -> None:
    active = {name for name, is_default, _, _ in entries_of(EXAMPLE) if not is_default}
    assert active & {variable.name for variable in VARIABLES if variable.secret} == set()
