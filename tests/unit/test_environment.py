"""Settings come from the environment, typed, and wrong ones are told in sentences."""

from pathlib import Path

import pytest

from scheduler_site.environment import (
    VARIABLES,
    InvalidEnvironmentError,
    read_environment,
    settings_reference,
)


def test_every_default_is_valid() -> None:
    values = read_environment({})
    assert set(values) == {variable.name for variable in VARIABLES}
    assert values["DEBUG"] is False
    assert values["EMAIL_PORT"] == 25


def test_values_are_typed() -> None:
    values = read_environment(
        {"DEBUG": "yes", "ALLOWED_HOSTS": "a.example, b.example", "EMAIL_PORT": "587"}
    )
    assert values["DEBUG"] is True
    assert values["ALLOWED_HOSTS"] == ["a.example", "b.example"]
    assert values["EMAIL_PORT"] == 587


def test_a_secret_is_read_from_the_file_that_its_variable_names(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert (
        read_environment({"SECRET_KEY_FILE": str(tmp_path / "key")})["SECRET_KEY"] == "from a file"
    )


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironmentError, match=r"SECRET_KEY_FILE: .*absent cannot be read"):
        read_environment({"SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_a_variable_and_its_file_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one")
    with pytest.raises(
        InvalidEnvironmentError, match="SECRET_KEY and SECRET_KEY_FILE are both set"
    ):
        read_environment({"SECRET_KEY": "two", "SECRET_KEY_FILE": str(tmp_path / "key")})


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("DEBUG", "perhaps", "write 1 for on or 0 for off"),
        ("EMAIL_PORT", "smtp", "write a whole number from 1 to 65535"),
        ("EMAIL_PORT", "70000", "write a whole number from 1 to 65535"),
        ("EMAIL_PORT", "\u0661", "write a whole number from 1 to 65535"),
        ("EMAIL_SECURITY", "ssl", "write one of: none, starttls, tls"),
        ("TIME_ZONE", "Mars/Olympus", "write an IANA time zone"),
        ("REPORT_SOURCES", "postgresql://host/sales", "write name=URL pairs"),
        ("REPORT_SOURCES", "a=sqlite:///a a=sqlite:///b", "write name=URL pairs, each with"),
        ("REPORT_SOURCES", "a=mysql://host/sales", "the URL of a must begin with postgres or"),
        ("REDIS_URL", "localhost:6379", "write a URL that begins with redis"),
        ("DATABASE_URL", "mysql://u@h/d", "write a URL that begins with postgres"),
        ("SITE_URL", "example.org", "write a URL that begins with http or https"),
        ("ALERTS_TO", "ops@example.org, ops", "'ops' is no e-mail address; write them"),
        ("RUN_RETENTION_DAYS", "0", "write a whole number from 1 to 36500"),
    ],
)
def test_a_wrong_value_is_answered_with_what_to_write(name: str, value: str, advice: str) -> None:
    with pytest.raises(InvalidEnvironmentError, match=f"{name}: .* is not valid; {advice}"):
        read_environment({name: value})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        read_environment({"DEBUG": "perhaps", "EMAIL_PORT": "smtp"})
    assert "DEBUG" in str(caught.value)
    assert "EMAIL_PORT" in str(caught.value)


def test_the_value_of_a_secret_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        read_environment({"DATABASE_URL": "mysql://user:hunter2@host/name"})
    assert "hunter2" not in str(caught.value)


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    assert settings_reference() in page


def test_every_variable_says_what_it_means() -> None:
    for variable in VARIABLES:
        assert variable.meaning.endswith("."), variable.name
        assert variable.name == variable.name.upper()
