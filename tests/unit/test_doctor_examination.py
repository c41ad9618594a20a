"""Checks run side by side; none breaks or delays the others, and none tells a secret."""

from threading import Event

import pytest

from scheduler_site.doctor.examination import examine
from scheduler_site.doctor.findings import Finding, Level, ok, problem
from scheduler_site.doctor.wording import passwords_in, place, without_secrets


def well() -> list[Finding]:
    """Return a finding that asks for nothing."""
    return [ok("first", "Fine.")]


def test_findings_come_in_the_order_of_the_checks() -> None:
    first_may_end = Event()

    def slow() -> list[Finding]:
        first_may_end.wait(10)
        return [ok("slow", "Fine.")]

    def quick() -> list[Finding]:
        first_may_end.set()
        return [ok("quick", "Fine."), ok("quick", "Very fine.")]

    findings = examine({"slow": slow, "quick": quick}, limit_seconds=10)
    assert [finding.subject for finding in findings] == ["slow", "quick", "quick"]


def test_a_check_that_raises_is_a_problem_and_not_a_traceback() -> None:
    def broken() -> list[Finding]:
        raise KeyError("nobody thought of this")

    first, second = examine({"broken": broken, "well": well}, limit_seconds=10)
    assert first.level == Level.PROBLEM
    assert "KeyError" in first.sentence
    assert "nobody thought of this" in first.sentence
    assert second.level == Level.OK


def test_a_check_that_hangs_is_a_problem_and_the_others_still_count() -> None:
    end = Event()

    def hanging() -> list[Finding]:
        end.wait(30)
        return well()

    hung, second = examine({"hanging": hanging, "well": well}, limit_seconds=0.2)
    end.set()
    assert hung.level == Level.PROBLEM
    assert "No answer within 0.2 seconds" in hung.sentence
    assert second.level == Level.OK


def test_a_finding_is_one_line() -> None:
    found = problem("mail", "Nobody listens.", "Start it.")
    assert found.line == "problem  mail: Nobody listens. Start it."
    assert ok("mail", "Fine.").line == "ok       mail: Fine."


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:word@host:6379/0?ssl_cert_reqs=none", "host:6379/0"),
        ("redis+socket:///run/redis.sock?password=word", "/run/redis.sock"),
        ("amqp://guest:w%40rd@host//", "host//"),
        ("memory://", "memory"),
    ],
)
def test_addresses_are_shown_without_what_is_secret(url: str, shown: str) -> None:
    assert place(url) == shown


def test_secrets_in_the_words_of_other_programs_are_masked() -> None:
    secrets = passwords_in(["redis://:p%40ssword@host/0", "", None, "redis://host/0"])
    assert secrets == {"p%40ssword", "p@ssword"}
    found = problem("broker", "p@ssword is wrong.", "Not p%40ssword.")
    assert without_secrets(found, secrets).line == "problem  broker: *** is wrong. Not ***."
