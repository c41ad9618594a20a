"""How pages write durations and instants."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jobs.runs.templatetags.times import duration, instant

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.424, "0.42 s"),
        (12.4, "12 s"),
        (200, "3 min 20 s"),
        (899.6, "15 min 0 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_has_the_units_that_fit_it(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


def test_what_is_not_over_has_no_duration() -> None:
    assert duration(None) == ""


@pytest.mark.parametrize(
    ("away_seconds", "text"),
    [
        (-20, "just now"),
        (20, "in under a minute"),
        (-7200, "2\xa0hours ago"),
        (600, "in 10\xa0minutes"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_an_instant_is_told_from_now_and_exactly(away_seconds: int, text: str) -> None:
    at = NOW + timedelta(seconds=away_seconds)
    assert instant(at) == (
        f'<time datetime="{at.isoformat()}" title="{at:%Y-%m-%d %H:%M:%S}">{text}</time>'
    )


def test_no_instant_is_nothing() -> None:
    assert instant(None) == ""
