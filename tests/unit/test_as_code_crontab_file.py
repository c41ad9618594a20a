"""A server's crontab is read as cron reads it, and what cannot be said is explained."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beat.as_code.crontab_file.importing import imported
from beat.as_code.crontab_file.times import schedules_of
from beat.editing.lines import LineError
from beat.occurrences import crontab
from beat.occurrences.fields import DAY_OF_MONTH, DAY_OF_WEEK_WITH_SEVEN, numbers_of

YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def days_by_cron(line: str) -> set[tuple[int, int]]:
    """Return month and day on which cron runs a line in 2027, written down anew from crontab(5)."""
    _, _, dom, _, dow = line.split()
    days = numbers_of(DAY_OF_MONTH, dom)
    weekdays = {day % 7 for day in numbers_of(DAY_OF_WEEK_WITH_SEVEN, dow)}
    found = set()
    for n in range(365):
        day = YEAR + timedelta(days=n)
        both = (day.day in days, day.isoweekday() % 7 in weekdays)
        is_starred = dom.startswith("*") or dow.startswith("*")
        if all(both) if is_starred else any(both):
            found.add((day.month, day.day))
    return found


DAYS = st.sampled_from(["*", "*/2", "1-31/2", "31", "1,15", "13", "1-31", "2-30"])
WEEKDAYS = st.sampled_from(["*", "*/2", "mon", "1-5", "0", "7", "5-7", "0-6", "fri,sun"])


@settings(max_examples=72, deadline=None)
@given(DAYS, WEEKDAYS)
def test_either_day_is_enough_and_no_instant_comes_twice(days: str, weekdays: str) -> None:
    line = f"30 9 {days} * {weekdays}"
    found = [
        instant
        for fields in schedules_of(line)
        for instant in crontab(str(fields), "UTC").between(YEAR, YEAR.replace(year=2028))
    ]
    assert len(found) == len(set(found))
    assert {(at.month, at.day) for at in found} == days_by_cron(line)


def test_a_day_that_no_month_has_leaves_the_weekdays() -> None:
    [fields] = schedules_of("0 0 31 2 mon")
    assert str(fields) == "0 0 1-30 2 mon"
    with pytest.raises(LineError, match="never be due"):
        schedules_of("0 0 31 2 *")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("22-4 * * * *", "goes backwards"),
        ("0 0 * * fri-sun", "goes backwards"),
        ("0 0 * * monday", "three letters"),
        ("61 * * * *", "outside 0 to 59"),
        ("0~30 * * * *", "jitter"),
        ("5/10 * * * *", "lacks an end"),
        ("H 0 * * *", "cannot be read|unknown"),
        ("0 0 L * *", "last day"),
        ("0 0 ? * *", r"Write \*"),
        ("@every_minute", "unknown"),
    ],
)
def test_what_crons_read_in_several_ways_or_not_at_all_is_not_guessed(
    line: str, sentence: str
) -> None:
    with pytest.raises(LineError, match=sentence):
        schedules_of(line)


def command_of(line: str) -> dict[str, str]:
    """Return the arguments that a line's command is run with."""
    found = imported(line, "UTC", has_user_column=False)
    assert not found.problems
    return {name: str(value) for name, value in found.texts[0].kwargs.items()}


def test_the_first_percent_begins_the_standard_input() -> None:
    assert command_of("* * * * * mail ops%Dear%you\\%\n") == {
        "command": "mail ops",
        "input": "Dear\nyou%\n",
    }
    assert command_of("* * * * * date +\\%Y") == {"command": "date +%Y"}
    assert command_of("* * * * * cat%a%") == {"command": "cat", "input": "a\n"}


def test_variables_hold_for_the_lines_below_them() -> None:
    content = '0 1 * * * first\nA=1\nSHELL=/bin/bash\nB = "two words"\n0 2 * * * second\n'
    first, second = imported(content, "UTC", has_user_column=False).texts
    assert first.kwargs == {"command": "first"}
    assert second.kwargs == {
        "command": "second",
        "environment": {"A": "1", "B": "two words"},
        "shell": "/bin/bash",
    }


def test_only_cron_tz_changes_the_zone() -> None:
    content = "TZ=Asia/Tokyo\n0 1 * * * a\nCRON_TZ=Europe/Berlin\n0 1 * * * b\n"
    first, second = imported(content, "UTC", has_user_column=False).texts
    assert (first.when["timezone"], second.when["timezone"]) == ("UTC", "Europe/Berlin")
    assert first.kwargs["environment"] == {"TZ": "Asia/Tokyo"}


def test_a_comment_right_above_a_job_is_its_description_and_others_stay_comments() -> None:
    content = "# The header\n\n# Why\n# and how\n0 1 * * * a\n0 2 * * * b\n# The end\n"
    found = imported(content, "UTC", has_user_column=False)
    assert [text.description for text in found.texts] == ["Why\nand how", ""]
    written = found.content("crontab")
    assert "  # The header\n" in written
    assert "  # The end\n" in written


def test_a_line_that_cannot_be_read_is_told_with_its_number_and_keeps_no_other_out() -> None:
    found = imported(
        "0 1 * * * a\n1 2 3\n61 * * * * b\n0 2 * * * c\n", "UTC", has_user_column=False
    )
    assert [text.kwargs["command"] for text in found.texts] == ["a", "c"]
    assert [problem.split(":")[0] for problem in found.problems] == ["Line 2", "Line 3"]


def test_a_system_crontab_has_users() -> None:
    found = imported("0 1 * * * root /bin/true\n@daily www-data x\n0 1 * * * root", "UTC",
                     has_user_column=True)  # fmt: skip
    assert [text.kwargs["command"] for text in found.texts] == ["/bin/true", "x"]
    assert "Cron ran it as root; here it runs as the worker's account." in found.content("c")
    assert found.problems == ["Line 3: After the user no command follows. It is: 0 1 * * * root"]


def test_the_same_crontab_gives_the_same_keys_and_equal_commands_different_ones() -> None:
    content = "0 1 * * * /bin/a b\n0 2 * * * /bin/a b\n0 3 1 * 1 /bin/a b\n"
    keys = [text.key for text in imported(content, "UTC", has_user_column=False).texts]
    assert keys == ["bin-a-b", "bin-a-b-2", "bin-a-b-3", "bin-a-b-3-weekdays"]
