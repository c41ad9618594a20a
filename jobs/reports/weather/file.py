"""Reading a file of daily weather observations. Pure; whatever is wrong is told with its line."""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HEADER = (
    "date",
    "precipitation_mm",
    "temperature_max_celsius",
    "temperature_min_celsius",
    "wind_metres_per_second",
)


class BrokenWeatherFileError(Exception):
    """The file cannot be loaded; the message says where, why and what to do."""


@dataclass(frozen=True)
class Observation:
    """One day's measurements, in the order of the columns."""

    day: date
    precipitation_mm: float
    highest_celsius: float
    lowest_celsius: float
    wind_metres_per_second: float


def read_observations(path: Path) -> list[Observation]:
    """Return the file's observations. Raises BrokenWeatherFileError with one sentence."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            observations = list(_observations(file, path.name))
    except FileNotFoundError:
        raise BrokenWeatherFileError(
            f"There is no file {path}. Give the path of a CSV file, or none for our own data."
        ) from None
    except OSError as problem:
        raise BrokenWeatherFileError(
            f"{path} cannot be read ({problem.strerror}). Give the path of a readable CSV file."
        ) from None
    except UnicodeDecodeError as problem:
        raise BrokenWeatherFileError(
            f"{path.name}: it holds the byte {problem.object[problem.start]:#x}, which is no UTF-8 "
            "here. Save the file as UTF-8."
        ) from None
    if not observations:
        raise BrokenWeatherFileError(
            f"{path.name}, line 2: there is no observation. Add a line for each day."
        )
    return observations


def _observations(file: Iterable[str], name: str) -> Iterator[Observation]:
    reader = csv.reader(file, strict=True)
    first_lines: dict[date, int] = {}
    try:
        _check_header(next(reader, []), name)
        for cells in filter(None, reader):
            observation = _observation(cells, f"{name}, line {reader.line_num}")
            first = first_lines.setdefault(observation.day, reader.line_num)
            if first != reader.line_num:
                raise BrokenWeatherFileError(
                    f"{name}, line {reader.line_num}: {observation.day} is already on line "
                    f"{first}. Keep one line for each day."
                )
            yield observation
    except csv.Error as problem:
        raise BrokenWeatherFileError(
            f"{name}, line {reader.line_num}: this is not CSV ({problem}). Mend the line."
        ) from None


def _check_header(cells: list[str], name: str) -> None:
    if tuple(cells) != HEADER:
        found = ",".join(cells)[:200] or "nothing"
        raise BrokenWeatherFileError(
            f"{name}, line 1: the columns must be {','.join(HEADER)}, but the line says {found!r}. "
            "Mend the first line or give another file."
        )


def _observation(cells: list[str], place: str) -> Observation:
    if len(cells) != len(HEADER):
        raise BrokenWeatherFileError(
            f"{place}: it has {len(cells)} values for {len(HEADER)} columns. Mend the line."
        )
    day = _day(cells[0], place)
    columns = zip(HEADER[1:], cells[1:], strict=True)
    return Observation(day, *(_number(cell, column, place) for column, cell in columns))


def _day(cell: str, place: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise BrokenWeatherFileError(
            f"{place}: {cell[:50]!r} is not a day that exists. Write it like 2012-02-29."
        ) from None


def _number(cell: str, column: str, place: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BrokenWeatherFileError(
            f"{place}: {cell[:50]!r} in the column {column} is not a number. "
            "Write one like 12.8, or leave the line out."
        )
    return number
