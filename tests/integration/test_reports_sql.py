"""Reports that are written in SQL: found, made, about their period, and read from files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection
from pytest_django import Settings

from jobs.reports.making import make_version
from jobs.reports.models import Report, SqlDefinition, Version
from jobs.reports.parameters import ParameterError
from jobs.reports.registry import UnknownReportError, definition_of, definitions
from jobs.reports.sql import demo as sql_demo
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sources import PLATFORM, PLATFORM_TABLES, Source
from jobs.reports.values import Cell, ValueType
from jobs.runs.states import State
from tests.integration.outgoing_runs import make_run
from tests.integration.report_sources import NOW, asked, platform_source, rows_of

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = """
SELECT task, count(*) AS runs, max(due_at) AS newest
FROM runs_run
WHERE due_at >= :period_start AND due_at < :period_end AND task <> :but
GROUP BY task
ORDER BY task
"""
BUT = {"name": "but", "type": "text", "default": "", "help": ""}


@pytest.fixture(autouse=True)
def platform(settings: Settings) -> Source:
    """Return the platform's own database as a source."""
    return platform_source(settings)


def written(query: str = RUNS, **options: Any) -> SqlDefinition:
    """Write a report in SQL."""
    report = Report.objects.create(slug="runs-of-a-day", title="Runs of a day")
    known: dict[str, Any] = {
        "source": PLATFORM,
        "parameters": [BUT],
        "columns": [{"name": "newest", "label": "Newest", "type": "instant"}],
        "zone": "Europe/Berlin",
    }
    return SqlDefinition.objects.create(report=report, query=query, **known | options)


def made(due_at: datetime, now: datetime = NOW, **parameters: object) -> Version:
    """Return the version of the report for a logical instant."""
    return make_version(definition_of("runs-of-a-day"), due_at, None, now, parameters)


def rows_in(version: Version) -> list[Any]:
    """Return the rows of its table."""
    [table] = version.document.content.tables
    return [tuple(row) for row in table.rows]


def test_a_report_in_sql_stands_beside_those_in_code() -> None:
    written()
    assert {"runs-of-a-day", "run-history"} <= definitions().keys()
    assert definition_of("runs-of-a-day").parameters[0].name == "but"
    with pytest.raises(UnknownReportError, match="run-history, runs-of-a-day, weather-week"):
        definition_of("runs-of-a-week")


def test_a_report_that_runs_late_is_about_its_logical_day_and_made_twice_it_is_the_same() -> None:
    written()
    due_at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    start_at = datetime(2026, 11, 18, 23, tzinfo=UTC)
    for moment in (start_at, due_at - timedelta(hours=6, microseconds=1)):
        make_run(task="tests.add", due_at=moment, state=State.SUCCEEDED)
    for moment in (start_at - timedelta(microseconds=1), due_at - timedelta(hours=6), NOW):
        make_run(task="tests.add", due_at=moment, state=State.SUCCEEDED)
    first, second = made(due_at), made(due_at, NOW + timedelta(days=2))
    assert first.period.label == "19 November 2026"
    newest = due_at - timedelta(hours=6, microseconds=1)
    assert rows_in(first) == [("tests.add", 2, newest)]
    assert first.content == second.content
    assert (first.summary, first.row_count) == ("Rows: 1.", 1)


def test_a_parameter_is_bound_and_never_pasted_in() -> None:
    written()
    make_run(task="tests.add", due_at=NOW - timedelta(days=1), state=State.SUCCEEDED)
    assert len(rows_in(made(NOW))) == 1
    assert rows_in(made(NOW, but="tests.add")) == []
    hostile = "' OR 1=1; DELETE FROM runs_run; --"
    assert len(rows_in(made(NOW, but=hostile))) == 1
    with pytest.raises(ParameterError, match="There is no parameter 'buy'"):
        made(NOW, buy="x")


def test_every_bound_value_comes_back_as_it_was(platform: Source) -> None:
    values: dict[str, Cell] = {
        "quotes": "';\"`\\ -- /*",
        "marks": "%s %(a)s $1 ? :quotes ${x} {y}",
        "letters": "Ä\N{SNOWMAN}\N{PILE OF POO}\u2028",
        "empty": "",
        "largest": 2**63 - 1,
        "smallest": -(2**63),
        "fraction": 0.1,
    }
    query = "SELECT " + ", ".join(f":{name} AS {name}" for name in values)
    assert rows_of(platform, query, **values) == [tuple(values.values())]


def test_a_query_that_fails_leaves_no_version_and_says_on_which_line() -> None:
    written("SELECT 1 AS one,\n  nothing\nFROM runs_run", columns=[])
    # Python's module for SQLite does not tell the place.
    line = "Line 2: PostgreSQL says: .*" if connection.vendor == "postgresql" else ""
    with pytest.raises(QueryError, match=f"{line}nothing"):
        made(NOW)
    assert not Version.objects.exists()


def test_types_come_from_the_driver_or_the_rows(platform: Source) -> None:
    answer = asked(platform, "SELECT 1 AS whole, 2.5 AS decimal_one, 'x' AS word, NULL AS unknown")
    assert [column.type for column in answer.rows.columns] == [
        ValueType.WHOLE,
        ValueType.DECIMAL,
        ValueType.TEXT,
        ValueType.TEXT,
    ]


def test_two_columns_of_one_name_are_refused(platform: Source) -> None:
    with pytest.raises(QueryError, match="Two columns of the answer are called a"):
        asked(platform, "SELECT 1 AS a, 2 AS a")


def test_making_a_version_leaves_the_words_that_were_written_meanwhile() -> None:
    written()
    definition = definition_of("runs-of-a-day")
    Report.objects.filter(slug="runs-of-a-day").update(title="Runs of yesterday")
    make_version(definition, NOW, None, NOW)
    assert Report.objects.get().title == "Runs of yesterday"


def test_a_report_that_was_broken_by_other_ways_harms_no_other_one() -> None:
    written(parameters=[{"name": "period"}])
    assert "run-history" in definitions()
    assert "runs-of-a-day" not in definitions()


def test_a_source_that_there_is_not_is_told() -> None:
    written(source="sales")
    with pytest.raises(QueryError, match=r"There is no source 'sales'. There are: platform"):
        made(NOW)


@pytest.mark.one_database("sqlite")
def test_a_source_whose_file_or_folder_is_gone_is_told(tmp_path: Path) -> None:
    for scheme, kind in (("sqlite", "file"), ("duckdb", "folder")):
        gone = Source("sales", f"{scheme}:///{tmp_path}/gone")
        with pytest.raises(QueryError, match=f"There is no {kind} .*/gone. Correct REPORT_SOURCES"):
            asked(gone, "SELECT 1 AS one")


def test_the_demo_report_is_made_where_the_platform_can_be_asked() -> None:
    sql_demo.load()
    slugs = [one["kwargs"]["report"] for one in sql_demo.schedules()]
    assert all(definition_of(slug).is_stored for slug in slugs)


def test_the_documented_tables_of_the_platform_are_those_that_can_be_read() -> None:
    page = Path("docs/reports.md").read_text()
    _, _, granted = page.partition("GRANT SELECT ON")
    listed, _, _ = granted.partition("TO punctual_reader")
    assert {name.strip() for name in listed.split(",")} == PLATFORM_TABLES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a CSV and a Parquet file."""
    inner = tmp_path / "data"
    inner.mkdir()
    (inner / "orders.csv").write_text("day,amount,customer\n2026-11-20,12.5,Ä\n2026-11-21,3,=1+1\n")
    with duckdb.connect() as writer:
        writer.execute(
            "COPY (SELECT 'Ä' AS name, TIMESTAMPTZ '2026-11-20 06:00:00+00' AS since) "
            f"TO '{inner}/customers.parquet'"
        )
    (tmp_path / "secret.csv").write_text("word\nsecret\n")
    return inner


def files(folder: Path) -> Source:
    """Return the folder as a source."""
    return Source("files", f"duckdb:///{folder}")


@pytest.mark.one_database("sqlite")
def test_csv_and_parquet_files_are_tables(folder: Path) -> None:
    query = (
        "SELECT day, amount, since FROM orders JOIN customers ON name = customer WHERE day = :day"
    )
    since = datetime(2026, 11, 20, 6, tzinfo=UTC)
    day = NOW.date() - timedelta(days=1)
    assert rows_of(files(folder), query, day=day) == [(day, 12.5, since)]
    with pytest.raises(QueryError, match=r"^Line 2: DuckDB says: .*nothing"):
        asked(files(folder), "SELECT day,\n  nothing\nFROM orders")


@pytest.mark.one_database("sqlite")
def test_no_query_leaves_the_folder_of_files(folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())
    hostile = [
        "COPY orders TO '{folder}/stolen.csv'",
        "WITH gone AS (COPY orders TO '{folder}/stolen.csv') SELECT 1",
        "SELECT * FROM query('WITH gone AS (COPY orders TO ''{folder}/stolen.csv'') SELECT 1')",
        "EXPORT DATABASE '{folder}/stolen'",
        "ATTACH '{folder}/stolen.db' AS stolen",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{folder}/../secret.csv')",
        "SELECT * FROM '{folder}/../secret.csv'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CREATE TABLE stolen AS SELECT 1",
        "INSERT INTO orders VALUES ('2026-11-22', 1, 'x')",
        "SELECT * FROM folder",
        "SELECT 1; SELECT 2",
        "SELECT 1 AS a) AS a; COPY orders TO '{folder}/stolen.csv'; SELECT * FROM (SELECT 1 AS a",
    ]
    for is_checked in (True, False):
        for query in hostile:
            with pytest.raises(QueryError):
                asked(files(folder), query.replace("{folder}", str(folder)), is_checked=is_checked)
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.one_database("sqlite")
def test_a_query_on_files_is_stopped_too(folder: Path) -> None:
    with pytest.raises(QueryError, match="was stopped"):
        asked(files(folder), "SELECT count(*) AS n FROM range(1000000000000)", seconds=0.3)
    with pytest.raises(QueryError, match="more than 1,000 rows"):
        asked(files(folder), "SELECT * FROM range(10000000)")
    with pytest.raises(QueryError, match="was stopped"):
        asked(files(folder), "SELECT * FROM range(10000000)", most_rows=10_000_000, seconds=0.3)
