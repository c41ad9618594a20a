"""The decisions of a development run that need no process."""

import io

import pytest

from scheduler_site.development import services
from scheduler_site.development.broker import without_password
from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.guard import watched_at_the_end
from scheduler_site.development.output import Output, wants_colours
from scheduler_site.development.ports import port_from
from scheduler_site.development.steps import reason_in
from scheduler_site.development.supervisor import restart_delay_seconds


def test_each_restart_in_a_row_waits_longer_up_to_half_a_minute() -> None:
    delays = [restart_delay_seconds(failures) for failures in (1, 2, 3, 4, 7, 10_000)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 30.0, 30.0]


@pytest.mark.parametrize("raw", ["0", "65536", "-1", "eight", "80 80", "٨٠"])
def test_a_port_that_is_none_is_refused_with_the_name_of_the_variable(raw: str) -> None:
    with pytest.raises(DevelopmentError, match=r"PORT: .* whole number from 1 to 65535"):
        port_from(raw)


def test_a_port_is_read() -> None:
    assert port_from("8001") == 8001


def test_a_redis_address_is_printed_without_its_password() -> None:
    shown = without_password("rediss://worker:secret@redis.example.org:6380/2?password=secret")
    assert shown == "rediss://redis.example.org:6380/2"


def test_the_guard_ends_what_was_started_and_not_ended() -> None:
    orders = ["watch 11\n", "watch 12\n", "forget 11\n", "watch 13\n", "forget 99\n", "watch 1"]
    assert watched_at_the_end(orders) == [12, 13, 1]


def test_lines_carry_the_name_of_their_process() -> None:
    stream = io.StringIO()
    Output(stream, colours=False).line("web", "Listening")
    assert stream.getvalue() == "web    | Listening\n"


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert not wants_colours(io.StringIO())


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colours(terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colours(terminal)


def test_a_closed_terminal_does_not_keep_anything_from_being_stopped() -> None:
    stream = io.StringIO()
    stream.close()
    Output(stream, colours=False).say("Stopping web.")


def test_runs_on_different_ports_have_nodes_of_different_names() -> None:
    first, second = services.node_names(8000), services.node_names(8001)
    assert not set(first.values()) & set(second.values())


def test_the_reason_of_a_failure_is_the_error_and_not_its_indented_advice() -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "x.py", line 1, in <module>',
        "django.db.utils.OperationalError: connection refused",
        "\tIs the server running?",
        "",
    ]
    assert reason_in(lines) == "django.db.utils.OperationalError: connection refused"
