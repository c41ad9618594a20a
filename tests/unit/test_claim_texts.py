"""The texts that a claim hands to PostgreSQL, and the sentences that it writes for people."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import NOT_PROVIDED

from beat.claim.run_inserts import COLUMN_TYPES
from beat.claim.run_rows import RunRow
from beat.decisions import sentences
from beat.decisions.policy_rules import PolicyRules
from jobs.runs.array_literals import array_literal
from jobs.runs.models import Run
from jobs.runs.states import State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_array_literal_keeps_what_postgresql_would_read_as_its_own_signs() -> None:
    assert array_literal(["a", None, "", "NULL", 'b"c\\d,{}']) == (
        '{"a",NULL,"","NULL","b\\"c\\\\d,{}"}'
    )
    assert array_literal([1, None, 3]) == "{1,NULL,3}"
    assert array_literal([NOON]) == '{"2026-03-01T12:00:00+00:00"}'
    assert array_literal([]) == "{}"


def test_texts_in_an_array_are_quoted_each_for_itself_and_together_alike() -> None:
    odd = ["", 'a"b', "c\\d", "{,}", "NULL", "\u4e16"]
    each = [array_literal([text])[1:-1] for text in odd]
    assert array_literal(odd) == "{" + ",".join(each) + "}"
    assert array_literal([*odd, None]) == "{" + ",".join([*each, "NULL"]) + "}"
    # PostgreSQL refuses such a text; it must not become two.
    assert array_literal(["e\0f", "g"]) == '{"e\0f","g"}'


def test_values_of_derived_types_are_written_as_those_they_derive_from() -> None:
    assert array_literal([State.QUEUED, "x"]) == '{"queued","x"}'
    assert array_literal([State.QUEUED]) == '{"queued"}'
    assert array_literal([UUID(int=10)]) == "{" + 31 * "0" + "a}"


def test_every_column_of_a_run_that_may_not_be_empty_is_written() -> None:
    required = {
        field.column
        for field in Run._meta.concrete_fields
        if field.column and not field.null and field.db_default is NOT_PROVIDED
    }
    assert required <= set(RunRow._fields)
    assert set(COLUMN_TYPES) == set(RunRow._fields)


def test_sentences_fit_the_ledger_and_say_what_to_do() -> None:
    rules = PolicyRules(1, is_paused=True, paused_until=NOON, pause_reason="x" * 200)
    texts = [
        sentences.paused(rules),
        sentences.excluded("y" * 600),
        sentences.missed(rules, 2**63, NOON, NOON + timedelta(days=1)),
    ]
    assert all(len(text) <= 500 for text in texts)
    assert "until 2026-03-01 12:00:00 UTC" in texts[0]
    assert "resume it in its policy" in texts[0]
    assert "none older than 1 day." in texts[2]
    one = sentences.missed(rules, 1, NOON, NOON)
    assert one.startswith(
        "1 occurrence was missed at 2026-03-01 12:00:00 UTC: no beat claimed it in time."
    )
