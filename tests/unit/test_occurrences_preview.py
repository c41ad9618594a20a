"""`manage.py preview`: what it prints, and what it says where it cannot."""

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    call_command("preview", *arguments)
    return capsys.readouterr().out.splitlines()


def test_local_time_offset_and_utc_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    after = "2026-11-21T10:15Z"
    lines = printed(
        capsys, "*/30 * * * *", "--timezone", "Europe/Berlin", "--count", "2", "--after", after
    )
    assert lines == [
        "Europe/Berlin              UTC",
        "Sat 2026-11-21 11:30 +01:00  2026-11-21 10:30",
        "Sat 2026-11-21 12:00 +01:00  2026-11-21 11:00",
    ]


def test_a_change_of_the_clock_is_told_where_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    spring = printed(
        capsys,
        "30 2 * * *",
        "--timezone=Europe/Berlin",
        "--count=3",
        "--after=2026-03-27T12:00+01:00",
    )
    assert spring[1:] == [
        "Sat 2026-03-28 02:30 +01:00  2026-03-28 01:30",
        "Sun 2026-03-29 03:00 +02:00  2026-03-29 01:00  the clock has gone forward by 1:00",
        "Mon 2026-03-30 02:30 +02:00  2026-03-30 00:30",
    ]
    autumn = printed(
        capsys, "0 * * * *", "--timezone=Australia/Lord_Howe", "--count=2", "--after=2026-04-04T14"
    )
    assert [line[29:] for line in autumn[1:]] == [
        "2026-04-04 15:30  the clock has gone back by 0:30",
        "2026-04-04 16:30",
    ]


def test_ten_from_now_in_the_sites_zone_are_the_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = printed(capsys, "* * * * *")
    assert lines[0].split() == ["UTC", "UTC"]
    assert len(lines) == 11


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["* * * *"], "The line has 4 fields instead of five"),
        (["60 * * * *"], "The minute '60' is outside 0 to 59"),
        (["0 0 31 2 *"], "would never be due"),
        (["* * * * *", "--timezone=Berlin"], "There is no time zone 'Berlin'"),
        (["* * * * *", "--count=0"], "The count '0' is wrong; write a number from 1 to 10000."),
        (["* * * * *", "--count=many"], "The count 'many' is wrong"),
        (["* * * * *", "--after=tomorrow"], "The instant 'tomorrow' cannot be read"),
    ],
)
def test_what_cannot_be_previewed_is_told_in_a_sentence(
    arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("preview", *arguments)
    assert sentence in str(caught.value)
    assert caught.value.returncode == 1


def test_a_wrong_line_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "preview", "0 0 30 2 *"])
    assert ended.value.code == 1
    assert "No month of the rule has that day" in capsys.readouterr().err
