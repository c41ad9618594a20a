"""Schedules of all kinds as a file would say them, for the tests of schedules as code."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import call_command
from hypothesis import strategies as st

from beat.as_code.policy_words import policy_of_words
from beat.as_code.schedule_text import ScheduleText
from beat.as_code.when import crontab_rule
from beat.editing.lines import FiveFields

LINES = (
    "0 9 * * mon-fri",
    "*/7 * * * *",
    "0,30 6-22/2 1,15 jan,jul *",
    "5 4 * * 5-7",
    "0 0 29 2 *",
)
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")
PERIODS = ("days", "hours", "minutes", "seconds", "microseconds")
WORDS = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs"]), max_size=30)
NAMES = WORDS.map(str.strip).filter(bool)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def degrees(most: int) -> st.SearchStrategy[Decimal]:
    """Return degrees as the columns hold them."""
    return st.integers(-most * 10**6, most * 10**6).map(lambda n: Decimal(n).scaleb(-6))


RULES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        lambda line, zone: crontab_rule(FiveFields(*line.split()), zone),
        st.sampled_from(LINES),
        st.sampled_from(ZONES),
    ),
    st.builds(
        lambda every, period: {"kind": "interval", "every": every, "period": period},
        st.integers(1, 100_000),
        st.sampled_from(PERIODS),
    ),
    st.builds(lambda at: {"kind": "clocked", "clocked_time": at}, INSTANTS),
    st.builds(
        lambda event, north, east: {
            "kind": "solar", "event": event, "latitude": north, "longitude": east
        },
        st.sampled_from(["sunrise", "solar_noon", "dusk_civil"]),
        degrees(60),
        degrees(180),
    ),
)  # fmt: skip
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "overlap": st.sampled_from(["skip", "allow", "queue_one"]),
        "catch_up": st.sampled_from(["latest", "all", "none"]),
        "catch_up_window_seconds": st.integers(0, 10**6),
        "jitter_seconds": st.integers(0, 3600),
        "time_limit_seconds": st.none() | st.integers(1, 3600),
        "max_attempts": st.integers(1, 100),
        "retry_on": st.lists(st.sampled_from(["OSError", "ValueError"]), unique=True),
        "in_gap": st.sampled_from(["after", "skip"]),
        "runs_kept_days": st.none() | st.integers(0, 400),
    },
).map(policy_of_words)


@st.composite
def schedule_texts(draw: st.DrawFn, owners: tuple[str, ...] = ("",)) -> ScheduleText:
    """Return a schedule that every check lets pass."""
    when = draw(RULES)
    expiry = draw(st.sampled_from(["none", "at", "after"]))
    return ScheduleText(
        key="",
        name=draw(NAMES),
        task=draw(NAMES),
        when=when,
        description=draw(WORDS | st.just("Two\nlines\n\n  and a third ")),
        args=draw(st.lists(JSON, max_size=3)),
        kwargs=draw(st.dictionaries(WORDS, JSON, max_size=3)),
        enabled=draw(st.booleans()),
        one_off=when["kind"] == "clocked" or draw(st.booleans()),
        starts_at=draw(st.none() | INSTANTS),
        expires_at=draw(INSTANTS) if expiry == "at" else None,
        runs_expire_after_seconds=draw(st.integers(0, 10**6)) if expiry == "after" else None,
        queue=draw(st.sampled_from(["", "mail", "heavy"])),
        routing_key=draw(st.sampled_from(["", "blue"])),
        priority=draw(st.none() | st.integers(0, 255)),
        headers=draw(st.dictionaries(WORDS.map(lambda word: f"x-{word}"), JSON, max_size=2)),
        policy=draw(POLICIES),
        owner=draw(st.sampled_from(owners)),
        tags=tuple(sorted(draw(st.sets(NAMES, max_size=3)))),
    )


class Files:
    """A folder of files, and `manage.py schedules` on them."""

    def __init__(self, folder: Path) -> None:
        """Use this folder."""
        self.folder = folder

    def write(self, content: str, name: str = "schedules.yaml") -> str:
        """Write a file; return its path."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return str(path)

    def run(self, verb: str, *arguments: str) -> tuple[int, str]:
        """Return the exit code of `manage.py schedules verb` and what it printed."""
        output = self.folder / "output"
        with output.open("w", encoding="utf-8") as stdout:
            try:
                call_command("schedules", verb, *arguments, stdout=stdout)
                code = 0
            except SystemExit as end:
                code = int(str(end.code))
        return code, output.read_text(encoding="utf-8")
