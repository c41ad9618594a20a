"""What people write and paste as a crontab line is read, or refused with what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beat.editing.lines import LineError, parse_line
from beat.occurrences import CrontabError, crontab


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0 9 * * 1", "0 9 * * 1"),
        ("  */5\t*   * * *\n", "*/5 * * * *"),
        ("0 9 * * MON-FRI", "0 9 * * mon-fri"),
        ("0, 30 9 * * *", "0,30 9 * * *"),
        ("0\N{NO-BREAK SPACE}9 * * *", "0 9 * * *"),
        ("@daily", "0 0 * * *"),
        (" @MIDNIGHT ", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("0 0 * * 5-7", "0 0 * * 5-7"),
        ("0 0 * january-mar sunday", "0 0 * january-mar sunday"),
        ("0 22-4 * * *", "0 22-4 * * *"),
    ],
)
def test_a_line_is_read(text: str, line: str) -> None:
    assert str(parse_line(text)) == line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "five fields such as 0 9 * * mon-fri"),
        ("0 9 * *", "4 of five fields"),
        ("61 * * * *", "The minute '61' is outside 0 to 59."),
        ("* * * 13 *", "The month '13' is outside 1 to 12."),
        ("* * * * 8", "The day of week '8' is outside 0 to"),
        ("1,,2 * * * *", "Write a number between commas."),
        ("5/15 * * * *", "write 5-59/15"),
        ("*/0 * * * *", "write a step such as */5"),
        ("*/5.5 * * * *", "cannot be read"),
        ("-5 * * * *", "cannot be read"),
        ("* * * * fri#3", "15-21 as day of month"),
        ("* * * * 5l", "cannot be read"),
        ("0 0 L * *", "28 is the last that each month has"),
        ("0 0 15W * *", "write mon-fri as day of week"),
        ("0 0 ? * 1", "Write * for any value."),
        ("h * * * *", "'h' is unknown"),
        ("~ * * * *", "set a jitter"),
        ("* * * * jan", "'jan' is unknown"),
        ("* * mon * *", "'mon' is unknown"),
        ("* * * * monthly", "'monthly' is unknown"),
        ("\N{ARABIC-INDIC DIGIT THREE} * * * *", "cannot be read"),
        ("@reboot", "the start of a machine"),
        ("@every 5m", "is an interval"),
        ("@fortnightly", "@fortnightly is unknown"),
        ("MAILTO=ops@example.org", "a variable"),
        ("# nightly", "This is a comment"),
        (f"{'1,' * 200}1 * * * *", "longer than 240 characters"),
    ],
)
def test_what_cannot_be_used_is_told(text: str, says: str) -> None:
    with pytest.raises(LineError) as told:
        parse_line(text)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("text", "says", "suggestion"),
    [
        ("0 5 * * 1 /usr/bin/backup", "A schedule runs a task instead", "0 5 * * 1"),
        ("@daily /usr/bin/backup", "A schedule runs a task instead", "@daily"),
        ("0 0 12 * * ?", "one for seconds in front", "0 12 * * *"),
        ("0 0 12 ? * MON 2030", "7 fields instead of five", "0 12 * * MON"),
        ("99 5 * * 1 /usr/bin/backup", "A schedule runs a task instead", ""),
    ],
)
def test_a_line_of_another_cron_comes_with_what_may_be_meant(
    text: str, says: str, suggestion: str
) -> None:
    with pytest.raises(LineError) as told:
        parse_line(text)
    assert says in str(told.value)
    assert told.value.suggestion == suggestion


@given(st.text(alphabet="0123456789*/-,LW#?@ monfrija.~\t", max_size=40))
def test_whatever_is_read_is_a_rule_to_beat_too(text: str) -> None:
    try:
        line = str(parse_line(text))
    except LineError as told:
        assert str(told).endswith((".", "?"))
        return
    try:
        crontab(line, "UTC")
    except CrontabError as problem:
        assert "never be due" in str(problem)
