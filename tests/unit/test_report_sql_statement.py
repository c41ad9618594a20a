"""What the text of a query says before any database is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.statement import checked_statement

NAMES = ("period_start", "country")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT 1", ()),
        ("  (SELECT 1) ;; -- that is all\n", ()),
        ("WITH a AS (SELECT 1) SELECT * FROM a WHERE b = :country", ("country",)),
        ("SELECT :country, :period_start, :country", ("country", "period_start")),
        ("SELECT ':nobody', \":nobody\", 'it''s :nobody' -- :nobody\n /* :nobody */", ()),
        ("SELECT a::text, $$ :nobody; $$, $x$ ; $x$, E'\\' :nobody' FROM b", ()),
        ("VALUES (1); -- ; DELETE", ()),
        ("SELECT replace(x, ';', ',') FROM y", ()),
        ("select delete_marker, updated FROM x", ()),
    ],
)
def test_a_single_question_is_taken_with_the_values_that_it_names(
    query: str, names: tuple[str, ...]
) -> None:
    assert checked_statement(query, NAMES).names == names


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "The query is empty"),
        (" ; -- nothing", "The query is empty"),
        ("SELECT 1;\nDELETE FROM a", "Line 2: A second statement begins here, with DELETE"),
        ("COMMIT; SELECT 1", "Line 1: A second statement begins here"),
        ("DELETE FROM a", "Line 1: The query begins with DELETE"),
        ("/* SELECT */ PRAGMA x", "The query begins with PRAGMA"),
        ("COPY a TO '/tmp/a'", "The query begins with COPY"),
        ("SELECT 1,\n set_config('a', 'b', true)", "Line 2: The function set_config does more"),
        ('SELECT "pg_terminate_backend" (1)', "The function pg_terminate_backend"),
        ("SELECT PG_READ_FILE('x')", "The function PG_READ_FILE"),
        ('SELECT U&"set\\005fconfig"(1)', "U& is not taken here"),
        ("SELECT 'abc", "Line 1: What ' opens is never closed"),
        ("SELECT 1\n/* for ever", "Line 2: What /* opens is never closed"),
        ("SELECT 1 /* a /* b */ */", "A comment stands within a comment"),
        (
            "SELECT\n:county",
            "Line 2: There is no value :county. There are: :period_start, :country",
        ),
        ("SELECT '\0'", "NUL"),
    ],
)
def test_anything_else_is_refused_with_its_line(query: str, sentence: str) -> None:
    with pytest.raises(QueryError) as refused:
        checked_statement(query, NAMES)
    assert sentence in str(refused.value)


def test_values_are_marked_and_never_pasted_in() -> None:
    statement = checked_statement("SELECT ':country', x::date\nWHERE a = :country;", NAMES)
    numbers = {"country": "$1"}
    assert statement.marked(numbers.__getitem__) == "SELECT ':country', x::date\nWHERE a = $1"


@given(st.text(alphabet="SELECT 'a\"`$/*-;:\n\\(e&U", max_size=60))
def test_no_text_makes_the_check_itself_fail(text: str) -> None:
    try:
        statement = checked_statement(f"SELECT {text}", NAMES)
    except QueryError:
        return
    assert f"SELECT {text}".startswith(statement.query)
