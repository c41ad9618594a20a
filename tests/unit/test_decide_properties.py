"""What holds of every decision: nothing lost, nothing twice, whatever the policy."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beat.decisions.decide import Decision, decide
from beat.decisions.newest import newest
from beat.decisions.policy_rules import PolicyRules
from beat.definition import Timing
from beat.occurrences.crontab import crontab
from beat.occurrences.interval import interval
from beat.occurrences.rules import Rule
from jobs.runs.states import State

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
SPANS = st.integers(0, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
RULES = st.one_of(
    st.builds(
        lambda every: interval(every, "seconds", NOON - timedelta(days=30)),
        st.integers(97, 200_000),
    ),
    st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 9-17 * * 1-5", "* 3 29 * *"]).map(
        lambda line: crontab(line, "Europe/Berlin")
    ),
)


def closed_in_the_afternoon(instant: datetime) -> str:
    """Return an exclusion for six hours of each day."""
    return "afternoon" if 12 <= instant.hour < 18 else ""


@st.composite
def policies(draw: st.DrawFn) -> PolicyRules:
    """Return any policy."""
    return PolicyRules(
        schedule_id=draw(st.integers(1, 10**9)),
        catch_up=draw(st.sampled_from(["latest", "all", "none"])),
        catch_up_window=draw(SPANS),
        catch_up_limit=draw(st.integers(0, 50)),
        jitter_seconds=draw(st.integers(0, 100)),
        is_paused=draw(st.booleans()),
        paused_until=draw(st.none() | SPANS.map(lambda span: NOON + span)),
        excludes=draw(st.sampled_from([None, closed_in_the_afternoon])),
    )


@given(RULES, policies(), SPANS, st.none() | SPANS)
def test_each_occurrence_is_in_exactly_one_row(
    rule: Rule, rules: PolicyRules, late: timedelta, until_end: timedelta | None
) -> None:
    ends_at = None if until_end is None else NOON + until_end
    first, now = rule.next(NOON), NOON + late
    assert first is not None
    decision = decide(Timing(rule, "", None, ends_at, False), rules, first, now)
    due = [at for at in rule.between(NOON, now) if ends_at is None or at < ends_at]
    runs = [row.due_at for row in decision.runs if row.state is State.PENDING]
    recorded = sum(row.missed_count for row in decision.runs)
    assert len(runs) + recorded == len(due)
    assert set(runs) <= set(due)
    check_rows(decision, due)
    after = rule.next(max(now, NOON) if due else now)
    if ends_at is None:
        assert decision.next_due_at == (first if first > now else after)


def check_rows(decision: Decision, due: list[datetime]) -> None:
    """Assert that the rows are in order, have their own instants, and say why."""
    instants = [row.due_at for row in decision.runs]
    assert instants == sorted(set(instants))
    assert len([row for row in decision.runs if row.state is State.MISSED]) <= 1
    for row in decision.runs:
        assert row.publish_at >= row.due_at
        if row.state is not State.PENDING:
            assert row.missed_until in due
            assert row.due_at in due
            assert row.missed_count >= 1
            assert row.reason
            assert len(row.reason_text) <= 500


@given(RULES, policies(), st.lists(SPANS, min_size=1, max_size=6))
def test_however_often_one_looks_no_occurrence_runs_twice(
    rule: Rule, rules: PolicyRules, looks: list[timedelta]
) -> None:
    """The looks are in any order: the clock may step back and forward."""
    due_at: datetime | None = rule.next(NOON)
    seen: list[datetime] = []
    for look in looks:
        assert due_at is not None
        decision = decide(Timing(rule, "", None, None, False), rules, due_at, NOON + look)
        assert decision.next_due_at is not None
        assert decision.next_due_at >= due_at
        seen += [row.due_at for row in decision.runs]
        due_at = decision.next_due_at
    assert seen == sorted(set(seen))


@given(RULES, SPANS, st.integers(1, 20))
def test_the_newest_are_those_at_the_end(rule: Rule, span: timedelta, count: int) -> None:
    first = rule.next(NOON)
    assert first is not None
    until = first + span
    everything = [first, *rule.between(first, until)]
    assert newest(rule, first, until, count) == everything[-count:]
