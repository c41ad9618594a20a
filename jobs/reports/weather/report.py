"""The report "Weather of the week": what the record says about these days of the year. Pure."""

from datetime import date

from jobs.reports.content import (
    Block,
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.rendering.text import shown_decimal
from jobs.reports.values import ValueType
from jobs.reports.weather.file import Observation
from jobs.reports.weather.record import WET_DAY_MM, DayRecord, WeekRecord, YearRecord, mean

CELSIUS = "°C"
DECIMAL, WHOLE = ValueType.DECIMAL, ValueType.WHOLE
BY_DAY = "Day by day"
SOURCE = (
    "Measured at Seattle-Tacoma International Airport. Source: NOAA National Centers for "
    "Environmental Information, Global Historical Climatology Network - Daily, station "
    "USW00024233; public domain. A wet day has at least "
    f"{WET_DAY_MM:g} mm of rain or melted snow."
)


def weather_content(record: WeekRecord) -> Content:
    """Return the report about `record`, which holds at least one observation."""
    blocks: list[Block] = [
        _figures(record),
        _temperature_chart(record),
        _table_by_day(record),
        Heading("The same week, year by year"),
        _precipitation_chart(record),
        _table_by_year(record),
        Paragraph(SOURCE),
    ]
    return Content(_summary(record), blocks, main_table=BY_DAY)


def warmest(observations: list[Observation]) -> Observation:
    """Return the day with the highest temperature, the first of several."""
    return max(observations, key=lambda one: one.highest_celsius)


def coldest(observations: list[Observation]) -> Observation:
    """Return the day with the lowest temperature, the first of several."""
    return min(observations, key=lambda one: one.lowest_celsius)


def _summary(record: WeekRecord) -> str:
    seen = record.observations
    high = shown_decimal(mean(one.highest_celsius for one in seen) or 0.0, 1)
    low = shown_decimal(mean(one.lowest_celsius for one in seen) or 0.0, 1)
    wet = shown_decimal(record.expected_wet_days, 1)
    unit = f"\N{NO-BREAK SPACE}{CELSIUS}"
    return (
        f"In Seattle this week usually brings {high}{unit} by day, {low}{unit} by night "
        f"and {wet} wet days of {len(record.days)}."
    )


def _figures(record: WeekRecord) -> Figures:
    seen = record.observations
    hot, cold = warmest(seen), coldest(seen)
    high, low = mean(one.highest_celsius for one in seen), mean(one.lowest_celsius for one in seen)
    rain = sum(day.mean_precipitation or 0.0 for day in record.days)
    days = f"of {len(record.days)}, in the mean"
    return Figures(
        [
            Figure("Mean high", high, CELSIUS, DECIMAL),
            Figure("Mean low", low, CELSIUS, DECIMAL),
            Figure("Wet days", record.expected_wet_days, "", DECIMAL, note=days),
            Figure("Precipitation", rain, "mm", DECIMAL, note="in the mean week"),
            Figure("Record high", hot.highest_celsius, CELSIUS, DECIMAL, note=_on(hot.day)),
            Figure("Record low", cold.lowest_celsius, CELSIUS, DECIMAL, note=_on(cold.day)),
        ]
    )


def _on(day: date) -> str:
    return f"on {day.day} {day:%B %Y}"


def _temperature_chart(record: WeekRecord) -> Chart:
    days = record.days
    return Chart(
        title="Temperatures of the week",
        kind=ChartKind.LINE,
        labels=[f"{day.day:%a} {day.day.day}" for day in days],
        series=[
            Series("Mean high", [day.mean_high for day in days]),
            Series("Mean low", [day.mean_low for day in days]),
            Series("Record high", [_record_high(day) for day in days]),
            Series("Record low", [_record_low(day) for day in days]),
        ],
        description="Mean and record temperatures of each day; the table below has the numbers.",
        unit=CELSIUS,
        digits=1,
        label_name="Day",
    )


def _record_high(day: DayRecord) -> float | None:
    return max((one.highest_celsius for one in day.observations), default=None)


def _record_low(day: DayRecord) -> float | None:
    return min((one.lowest_celsius for one in day.observations), default=None)


def _table_by_day(record: WeekRecord) -> Table:
    columns = [
        Column("Day", ValueType.DATE),
        Column("Mean high", DECIMAL, CELSIUS),
        Column("Mean low", DECIMAL, CELSIUS),
        Column("Record high", DECIMAL, CELSIUS),
        Column("High in"),
        Column("Record low", DECIMAL, CELSIUS),
        Column("Low in"),
        Column("Wet", DECIMAL, "%", digits=0),
        Column("Precipitation", DECIMAL, "mm"),
    ]
    return Table(BY_DAY, columns, [_day_row(day) for day in record.days])


def _day_row(day: DayRecord) -> list[str | float | date | None]:
    seen = list(day.observations)
    return [
        day.day,
        day.mean_high,
        day.mean_low,
        _record_high(day),
        str(warmest(seen).day.year) if seen else None,
        _record_low(day),
        str(coldest(seen).day.year) if seen else None,
        day.chance_of_rain,
        day.mean_precipitation,
    ]


def _precipitation_chart(record: WeekRecord) -> Chart:
    return Chart(
        title="Precipitation of the week in each year",
        kind=ChartKind.BAR,
        labels=[year.name for year in record.years],
        series=[Series("Precipitation", [year.precipitation for year in record.years])],
        description="Rain and melted snow in each year; the table below has the numbers.",
        unit="mm",
        digits=1,
        label_name="Year",
    )


def _table_by_year(record: WeekRecord) -> Table:
    columns = [
        Column("Year"),
        Column("Days on record", WHOLE),
        Column("Mean high", DECIMAL, CELSIUS),
        Column("Mean low", DECIMAL, CELSIUS),
        Column("Highest", DECIMAL, CELSIUS),
        Column("Lowest", DECIMAL, CELSIUS),
        Column("Wet days", WHOLE),
        Column("Precipitation", DECIMAL, "mm"),
    ]
    return Table("Year by year", columns, [_year_row(year) for year in record.years])


def _year_row(year: YearRecord) -> list[str | int | float | None]:
    seen = list(year.observations)
    return [
        year.name,
        len(seen),
        mean(one.highest_celsius for one in seen),
        mean(one.lowest_celsius for one in seen),
        warmest(seen).highest_celsius,
        coldest(seen).lowest_celsius,
        year.wet_days,
        year.precipitation,
    ]
