"""A rule in words says what beat does, however the rule is written."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from beat.definition import ScheduleRow
from beat.editing.crontab_words import crontab_in_words
from beat.editing.words import rule_in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("0-59/5 * * * *", "Every 5 minutes"),
        ("*/7 * * * *", "At the minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of each hour"),
        ("5,20,35,50 * * * *", "Every 15 minutes, beginning at minute 5"),
        ("0 * * * *", "Every hour on the hour"),
        ("*/90 * * * *", "Every hour on the hour"),
        ("15 * * * *", "Every hour at minute 15"),
        ("0 9 * * *", "At 09:00 every day"),
        ("0 9 * * 1-5", "At 09:00 from Monday to Friday"),
        ("0 9 * * sun", "At 09:00 on Sunday"),
        ("0 9 * * 7", "At 09:00 on Sunday"),
        ("0 9 * * 0,6", "At 09:00 on Saturday and Sunday"),
        ("30 2,14 * * *", "At 02:30 and 14:30 every day"),
        ("0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
        ("0 */2 * * *", "Every 2 hours from 00:00 to 22:00 every day"),
        ("*/15 9-17 * * 1-5", "Every 15 minutes from 09:00 to 17:45 from Monday to Friday"),
        ("* 22-4 * * *", "Every minute from 22:00 to 04:59 every day"),
        ("* 22-4 * * 1", "Every minute from 00:00 to 04:59 and from 22:00 to 23:59 on Monday"),
        ("0-10 9 * * *", "Every minute from 09:00 to 09:10 every day"),
        ("0 0 13 * 5", "At 00:00 on the 13th of each month when that is a Friday"),
        ("0 0 1-7 * 1", "At 00:00 on the 1st to 7th of each month when that is a Monday"),
        ("0 0 1,15,22,23 * *", "At 00:00 on the 1st, 15th, 22nd and 23rd of each month"),
        ("0 0 31 * *", "At 00:00 on the 31st of each month (not in months without it)"),
        ("0 0 29 2 *", "At 00:00 on the 29th of February (in February in leap years only)"),
        ("0 6 * 3-10 *", "At 06:00 every day from March to October"),
        ("0 6 11 6,7 *", "At 06:00 on the 11th of June and July"),
    ],
)
def test_a_crontab_in_words(line: str, words: str) -> None:
    assert crontab_in_words(line.split()) == words


NINE = {"minute": "0", "hour": "9", "day_of_month": "*", "month_of_year": "*", "day_of_week": "*"}
BERLIN = ZoneInfo("Europe/Berlin")
JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"crontab_id": 1, **NINE, "timezone": "Asia/Tokyo"},
            "At 09:00 every day, Asia/Tokyo time",
        ),
        ({"crontab_id": 1, **NINE, "timezone": "Europe/Berlin"}, "At 09:00 every day"),
        (
            {"crontab_id": 1, **NINE, "hour": "25", "timezone": "UTC"},
            "A crontab that cannot be read: 0 25 * * *",
        ),
        ({"interval_id": 1, "every": 1, "period": "hours"}, "Every hour"),
        ({"interval_id": 1, "every": 10, "period": "minutes"}, "Every 10 minutes"),
        (
            {"clocked_id": 1, "clocked_time": JULY},
            "Once, on Wednesday, 1 July 2026 at 14:00, Europe/Berlin time",
        ),
        (
            {
                "solar_id": 1,
                "event": "sunset",
                "latitude": Decimal("-33.868800"),
                "longitude": Decimal("151.2"),
            },
            "At sunset at 33.8688° S, 151.2° E",
        ),
        ({}, "No rule"),
    ],
)
def test_any_rule_in_words(columns: dict[str, Any], words: str) -> None:
    assert rule_in_words(ScheduleRow(1, "x", "t", **columns), BERLIN) == words
