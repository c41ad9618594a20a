"""What the public form accepts, and whom it takes for the same sender."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from jobs.feedback.forms import FeedbackForm
from jobs.feedback.limits import sender_key
from jobs.feedback.models import FeedbackMessage
from jobs.feedback.thanking import LONGEST_WAIT, wait

GOOD = {"name": "Ada", "email": "Ada@Example.org", "message": "I like the weekly report."}


def errors(**changes: str) -> dict[str, Any]:
    """Return the errors of the good form with some fields changed."""
    return dict(FeedbackForm({**GOOD, **changes}).errors)


def test_a_whole_message_is_accepted_and_the_name_may_be_missing() -> None:
    assert errors() == errors(name="") == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Ada\nBcc: everybody@example.org"),
        ("name", "Ada\r\nBcc: everybody@example.org"),
        ("name", "Win at https://example.org"),
        ("name", "www.example.org"),
        ("name", "x" * 101),
        ("email", ""),
        ("email", "nobody"),
        ("email", "a@example.org\nBcc: everybody@example.org"),
        ("message", ""),
        ("message", "     hi     "),
        ("message", "x" * 5001),
    ],
)
def test_what_would_do_harm_or_says_nothing_gets_a_sentence(field: str, value: str) -> None:
    assert list(errors(**{field: value})) == [field]


@pytest.mark.parametrize("message", ["hello", "x" * 5000, "<script>alert(1)</script>"])
def test_a_message_of_5_to_5000_characters_is_accepted(message: str) -> None:
    assert errors(message=message) == {}


def test_the_first_field_with_an_error_has_the_focus() -> None:
    form = FeedbackForm({**GOOD, "email": "nobody", "message": ""})
    form.is_valid()
    form.focus_first_error()
    assert [name for name in form.fields if "autofocus" in str(form[name])] == ["email"]


def key(remote: str, forwarded: str = "") -> str:
    """Return the key of a request from this address."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return sender_key(RequestFactory().post("/feedback/", headers=headers, REMOTE_ADDR=remote))


def test_a_home_network_is_one_sender_and_its_address_is_not_kept() -> None:
    assert key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9")
    assert (
        len({key("2001:db8:1:2::1"), key("2001:db8:1:3::1"), key("192.0.2.1"), key("192.0.2.2")})
        == 4
    )
    assert "192.0.2.1" not in key("192.0.2.1")


def test_nobody_can_pass_as_another_sender_by_a_header() -> None:
    assert key("192.0.2.1", forwarded="198.51.100.7") == key("192.0.2.1")


def test_behind_our_proxy_the_address_that_the_proxy_saw_counts(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    made_up = key("127.0.0.1", forwarded="198.51.100.7, 192.0.2.1")
    assert made_up == key("127.0.0.1", forwarded="192.0.2.1") == key("192.0.2.1")


def test_the_sweep_waits_longer_after_each_failed_try_up_to_an_hour() -> None:
    waits = [wait(tries) for tries in range(40)]
    assert waits[:3] == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_reader_cannot_write_to_a_masked_address() -> None:
    assert FeedbackMessage(email="ada@example.org").masked_email == "a...@example.org"


@pytest.mark.parametrize("message", ["word " * 100, "x" * 500])
def test_an_excerpt_is_short_whatever_the_message_is(message: str) -> None:
    excerpt = FeedbackMessage(message=message).excerpt
    assert len(excerpt) <= 140
    assert excerpt.endswith("...")
    assert FeedbackMessage(message="two\nlines").excerpt == "two lines"
