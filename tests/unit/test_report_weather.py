"""The record of a week of the year, and the file that it is read from."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from jobs.reports.content import Table
from jobs.reports.weather.file import HEADER, BrokenWeatherFileError, Observation, read_observations
from jobs.reports.weather.record import week_record
from jobs.reports.weather.report import weather_content

OUR_FILE = Path(__file__).parents[2] / "jobs/reports/data/seattle_weather.csv"
GOOD_LINE = "2012-01-01,0.0,12.8,5.0,4.7"


def week_from(monday: date) -> list[date]:
    """Return the seven days from `monday` on."""
    return [monday + timedelta(days=offset) for offset in range(7)]


def observed(day: date, high: float = 10.0, low: float = 0.0, rain: float = 0.0) -> Observation:
    """Return an observation."""
    return Observation(day, rain, high, low, 3.0)


def every_day(first: date, last: date) -> list[Observation]:
    """Return an observation for each day; its highest temperature is the day's number."""
    days = (last - first).days + 1
    return [
        observed(day, high=day.day) for day in (first + timedelta(days=one) for one in range(days))
    ]


def test_a_week_is_compared_with_the_same_days_of_each_year() -> None:
    record = week_record(
        week_from(date(2026, 11, 16)), every_day(date(2012, 1, 1), date(2013, 12, 31))
    )
    assert [year.name for year in record.years] == ["2012", "2013"]
    assert [one.day for one in record.years[0].observations] == week_from(date(2012, 11, 16))
    assert [day.mean_high for day in record.days] == [16, 17, 18, 19, 20, 21, 22]


def test_29_february_is_left_out_of_the_years_that_do_not_have_it() -> None:
    record = week_record(
        week_from(date(2028, 2, 28)), every_day(date(2012, 1, 1), date(2013, 12, 31))
    )
    leap_day = record.days[1]
    assert [one.day for one in leap_day.observations] == [date(2012, 2, 29)]
    assert [len(year.observations) for year in record.years] == [7, 6]


def test_a_week_over_new_year_belongs_to_the_year_in_which_it_begins() -> None:
    record = week_record(
        week_from(date(2026, 12, 28)), every_day(date(2012, 1, 1), date(2013, 12, 31))
    )
    spans = {
        year.name: (year.observations[0].day, year.observations[-1].day) for year in record.years
    }
    assert spans == {
        "2011\N{EN DASH}12": (date(2012, 1, 1), date(2012, 1, 3)),
        "2012\N{EN DASH}13": (date(2012, 12, 28), date(2013, 1, 3)),
        "2013\N{EN DASH}14": (date(2013, 12, 28), date(2013, 12, 31)),
    }
    assert [len(day.observations) for day in record.days] == [2] * 7


def test_a_day_without_an_observation_has_no_mean() -> None:
    record = week_record(week_from(date(2026, 11, 16)), [observed(date(2012, 11, 16), rain=1.0)])
    assert record.days[0].chance_of_rain == 100
    assert record.days[1].mean_high is None
    assert record.expected_wet_days == 1
    weather_content(record)  # can be written all the same


def test_a_week_without_any_observation_has_no_years() -> None:
    record = week_record(week_from(date(2026, 11, 16)), [observed(date(2012, 5, 1))])
    assert record.years == []


def test_the_report_of_a_week_says_what_our_data_says() -> None:
    content = weather_content(
        week_record(week_from(date(2026, 11, 16)), read_observations(OUR_FILE))
    )
    figures = {figure.name: figure for figure in content.figures}
    # Counted by hand from the file with another program.
    assert figures["Record high"].value == 13.3
    assert figures["Record low"].value == -2.1
    assert figures["Record low"].note == "on 16 November 2014"
    assert figures["Mean high"].value == pytest.approx(10.110714)
    assert figures["Wet days"].value == pytest.approx(3.75)
    [by_day, by_year] = [block for block in content.blocks if isinstance(block, Table)]
    assert by_day.first_rows(1)[0][0] == date(2026, 11, 16)
    assert [row[:2] for row in by_year.rows] == [(str(year), 7) for year in range(2012, 2016)]


def test_our_file_has_every_day_of_its_four_years() -> None:
    days = [one.day for one in read_observations(OUR_FILE)]
    assert days == [date(2012, 1, 1) + timedelta(days=offset) for offset in range(1461)]


def written(tmp_path: Path, *lines: str, header: str = ",".join(HEADER)) -> Path:
    """Return the path of a weather file with these lines."""
    path = tmp_path / "weather.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


BROKEN = [
    (["2012-01-01,wet,12.8,5.0,4.7"], "line 2: 'wet' in the column precipitation_mm is not a num"),
    (["2012-01-01,nan,12.8,5.0,4.7"], "line 2: 'nan' in the column precipitation_mm is not a num"),
    ([GOOD_LINE, "2013-02-29,0,1,1,1"], "line 3: '2013-02-29' is not a day that exists"),
    ([GOOD_LINE, "", GOOD_LINE], "line 4: 2012-01-01 is already on line 2"),
    (["2012-01-01,0.0,12.8"], "line 2: it has 3 values for 5 columns"),
    (['"2012-01-01"x,0,1,1,1'], "line 2: this is not CSV"),
    (['2012-01-01,"0'], "this is not CSV"),
    ([], "line 2: there is no observation"),
]


@pytest.mark.parametrize(("lines", "message"), BROKEN)
def test_a_broken_line_is_told_with_its_number(
    lines: list[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BrokenWeatherFileError, match=re.escape(message)):
        read_observations(written(tmp_path, *lines))


@pytest.mark.parametrize("header", ["date,weather", "", "\ufeff"])
def test_a_wrong_header_is_told_with_the_right_one(header: str, tmp_path: Path) -> None:
    with pytest.raises(BrokenWeatherFileError, match=r"line 1: the columns must be date,prec"):
        read_observations(written(tmp_path, GOOD_LINE, header=header))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD_LINE)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_observations(path)) == 1


def test_a_file_that_is_missing_empty_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(BrokenWeatherFileError, match=r"There is no file .*nowhere"):
        read_observations(tmp_path / "nowhere.csv")
    with pytest.raises(BrokenWeatherFileError, match="cannot be read"):
        read_observations(tmp_path)
    path = tmp_path / "weather.csv"
    path.write_bytes(b"")
    with pytest.raises(BrokenWeatherFileError, match=r"line 1.*but the line says 'nothing'"):
        read_observations(path)
    path.write_bytes(written(tmp_path, GOOD_LINE).read_bytes() + b"\xff\xfe\x00")
    with pytest.raises(BrokenWeatherFileError, match="0xff, which is no UTF-8"):
        read_observations(path)
