"""What doctor says of the sources that reports in SQL ask."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from scheduler_site.doctor.findings import Level
from scheduler_site.doctor.sources import sources_findings
from tests.integration.report_sources import owner_url, platform_source


def test_a_file_a_folder_and_what_is_not_there_are_told_by_name(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE orders (id integer)")
    files, gone = tmp_path / "files", tmp_path / "gone"
    files.mkdir()
    named = {
        "shop": f"sqlite:///{file}",
        "files": f"duckdb:///{files}",
        "gone": f"sqlite:///{gone}",
    }
    found = sources_findings(named)
    assert [finding.level for finding in found] == [Level.OK, Level.PROBLEM, Level.OK]
    assert f"Reports cannot ask 'gone': There is no file {gone}." in found[1].sentence
    assert found[2].sentence == f"'shop' ({file}) answers, and can only be read."


def test_no_source_is_no_problem() -> None:
    assert [finding.level for finding in sources_findings({})] == [Level.OK]


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database("postgresql")
def test_a_login_that_may_write_and_a_server_that_is_not_there_are_problems(
    settings: Settings,
) -> None:
    platform_source(settings)
    reading, away = settings.REPORT_SOURCES["platform"], "postgresql://a:word@127.0.0.1:9/x"
    found = sources_findings({"a": reading, "b": owner_url(), "c": away})
    assert [finding.level for finding in found] == [Level.OK, Level.PROBLEM, Level.PROBLEM]
    assert "may do more than read" in found[1].sentence
    assert "cannot be reached" in found[2].sentence
    assert "word" not in "".join(finding.line for finding in found)
