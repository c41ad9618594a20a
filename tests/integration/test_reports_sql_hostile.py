"""Queries that would do more than ask: each is refused by the database itself."""

from contextlib import suppress
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sources import Source
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.integration.outgoing_runs import make_run
from tests.integration.report_sources import asked, owner_url, platform_source, rows_of

pytestmark = pytest.mark.django_db(transaction=True)

EVERYWHERE = [
    "DELETE FROM runs_run",
    "UPDATE runs_run SET state = 'failed'",
    "INSERT INTO reports_report (slug, title) VALUES ('x', 'x')",
    "WITH gone AS (SELECT 1) DELETE FROM runs_run",
    "SELECT 1; DELETE FROM runs_run",
    "COMMIT; DELETE FROM runs_run",
    "ROLLBACK",
    "CREATE TABLE stolen (word text)",
    "DROP TABLE runs_run",
    "SELECT password FROM auth_user",
    "SELECT count(*) AS people FROM auth_user",
    "SELECT task FROM runs_run WHERE EXISTS (SELECT 1 FROM auth_user)",
    "SELECT session_data FROM django_session",
    "SELECT content FROM reports_version",
    "SELECT secret FROM (SELECT password AS secret FROM auth_user) AS inner_one",
]
HOSTILE = {
    "sqlite": [
        *EVERYWHERE,
        "REPLACE INTO reports_report (slug, title) VALUES ('x', 'x')",
        "SELECT count(*) AS tables FROM sqlite_schema",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "ATTACH '{file}' AS elsewhere",
        "VACUUM INTO '{file}'",
        "SELECT load_extension('{file}')",
        "SELECT writefile('{file}', 'x')",
        "SELECT data FROM sqlite_dbpage",
        "SELECT * FROM pragma_database_list",
        "CREATE TEMP TABLE stolen AS SELECT 1",
        "BEGIN IMMEDIATE",
        "REINDEX",
        "ANALYZE",
        "EXPLAIN DELETE FROM runs_run",
    ],
    "postgresql": [
        *EVERYWHERE,
        "WITH gone AS (DELETE FROM runs_run RETURNING *) SELECT * FROM gone",
        (
            "WITH new AS (INSERT INTO reports_report (slug, title) VALUES ('x', 'x') RETURNING *) "
            "SELECT * FROM new"
        ),
        "SELECT * INTO stolen FROM runs_run",
        "CREATE TEMP TABLE stolen AS SELECT 1",
        "SELECT * FROM runs_run FOR UPDATE",
        "COPY runs_run TO PROGRAM 'touch {file}'",
        "COPY (SELECT 1) TO '{file}'",
        "COPY runs_run FROM '/etc/passwd'",
        "SELECT nextval('reports_report_id_seq')",
        "SELECT setval('reports_report_id_seq', 1)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('role', 'punctual', false)",
        "SET ROLE punctual",
        "SET TRANSACTION READ WRITE",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '{file}')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
        "SELECT pg_reload_conf()",
        "SELECT rolpassword FROM pg_authid",
        "SELECT query_to_xml('DELETE FROM runs_run', true, true, '')",
        "SELECT query_to_xml('SELECT password FROM auth_user', true, true, '')",
        "SELECT * FROM dblink('dbname=postgres', 'DELETE FROM runs_run') AS t(a int)",
        "DO $$ BEGIN DELETE FROM runs_run; END $$",
        "LISTEN stolen",
        "VACUUM",
        "EXPLAIN ANALYZE DELETE FROM runs_run",
    ],
}
TEN_MILLION = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000000)"
    " SELECT n FROM numbers"
)
ENDLESS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) "
    "SELECT count(*) AS many FROM numbers WHERE n < 0"
)


@pytest.fixture
def platform(settings: Settings) -> Source:
    """Return the platform's own database as a source."""
    return platform_source(settings)


def is_refused(source: Source, query: str, *, is_checked: bool) -> bool:
    """Return whether the source does not answer the query."""
    try:
        asked(source, query, is_checked=is_checked)
    except QueryError:
        return True
    return False


@pytest.mark.parametrize("is_checked", [True, False], ids=["checked", "unchecked"])
def test_no_query_writes_nor_reads_secrets_even_when_nobody_looked_at_its_text(
    platform: Source, tmp_path: Path, is_checked: bool
) -> None:
    run = make_run(state=State.SUCCEEDED)
    User.objects.create_user("ada", password="secret")
    file = tmp_path / "written"
    queries = [query.replace("{file}", str(file)) for query in HOSTILE[connection.vendor]]
    answered = [
        query for query in queries if not is_refused(platform, query, is_checked=is_checked)
    ]
    assert answered == []
    assert list(Run.objects.values_list("pk", "state")) == [(run.pk, State.SUCCEEDED)]
    assert not file.exists()
    assert not {"stolen"} & set(connection.introspection.table_names())


def test_what_a_report_may_see_is_answered(platform: Source) -> None:
    run = make_run(state=State.SUCCEEDED, task="tests.add")
    assert rows_of(platform, "SELECT task, state FROM runs_run") == [(run.task, run.state)]


def test_ten_million_rows_end_the_query_with_a_sentence(platform: Source) -> None:
    with pytest.raises(QueryError, match="more than 1,000 rows"):
        asked(platform, TEN_MILLION)


def test_a_query_that_does_not_end_is_stopped(platform: Source) -> None:
    with pytest.raises(QueryError, match=r"took longer than 0.3 s and was stopped"):
        asked(platform, ENDLESS, seconds=0.3)


def test_a_slow_answer_is_stopped_between_its_rows(platform: Source) -> None:
    answer = None
    with pytest.raises(QueryError, match="was stopped"):
        answer = asked(platform, TEN_MILLION, most_rows=10_000_000, seconds=0.3)
    assert answer is None


@pytest.mark.one_database("postgresql")
def test_a_login_that_may_write_is_no_source() -> None:
    with pytest.raises(QueryError, match=r"may do more than read: it is a superuser"):
        asked(Source("own", owner_url()), "SELECT 1 AS one")


@pytest.mark.one_database("postgresql")
def test_what_a_read_only_transaction_may_do_is_undone(platform: Source) -> None:
    # From version 16 on PostgreSQL refuses it.
    with suppress(QueryError):
        asked(platform, "SELECT lo_create(0) AS made", is_checked=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
        assert cursor.fetchone() == (0,)
