"""What holds for every crontab rule in every zone, compared with the definition."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from beat.occurrences import CrontabError, InGap, Repeated, crontab
from beat.occurrences.crontab import Crontab
from tests.unit import brute_force

ONE_DAY = timedelta(days=1)
# "Factory" and "localtime" are no places; what they are differs from machine to machine.
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
# A change at midnight, over midnight, of half an hour, of two and three hours, of a day.
PECULIAR = [
    "Africa/Cairo",
    "America/Goose_Bay",
    "America/Havana",
    "America/Santiago",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Kwajalein",
    "Pacific/Apia",
]


def texts(smallest: int, largest: int) -> st.SearchStrategy[str]:
    number = st.integers(smallest, largest).map(str)
    span = st.tuples(number, number, st.integers(1, 5)).map("{0[0]}-{0[1]}/{0[2]}".format)
    step = st.integers(1, largest + 1).map("*/{}".format)
    part = st.one_of(number, number, span, step)
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


LINES = st.tuples(
    texts(0, 59),
    st.one_of(texts(0, 23), st.sampled_from(["0", "0-3", "1,2", "23", "22-2"])),
    st.one_of(st.just("*"), texts(1, 31)),
    st.one_of(st.just("*"), texts(1, 12)),
    st.one_of(st.just("*"), texts(0, 6)),
).map(" ".join)
EARLIEST = datetime(1975, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), 65 * 365 * ONE_DAY).map(EARLIEST.__add__)
PLACES = st.one_of(st.sampled_from(ZONES), st.sampled_from(PECULIAR))


def next_change(zone: ZoneInfo, after: datetime) -> datetime:
    """Return the day before the zone's next change of the clock, or `after` when it has none."""
    for days in range(400):
        day = after + days * ONE_DAY
        if day.astimezone(zone).utcoffset() != (day + ONE_DAY).astimezone(zone).utcoffset():
            return day
    return after


@settings(max_examples=150, deadline=None)
@example("* * * * *", "America/St_Johns", datetime(2010, 11, 6, 12, tzinfo=UTC), "after", "first")
@example("5 0,23 * * *", "America/St_Johns", datetime(2010, 11, 6, tzinfo=UTC), "after", "both")
@example("7 0,9 * * *", "Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC), "after", "first")
@given(LINES, PLACES, INSTANTS, st.sampled_from([*InGap]), st.sampled_from([*Repeated]))
def test_no_instant_is_missed_or_added_in_any_zone(
    line: str, place: str, start: datetime, in_gap: str, repeated: str
) -> None:
    zone = ZoneInfo(place)
    after = next_change(zone, start)
    until = after + 2 * ONE_DAY
    rule = _rule(line, place, in_gap, repeated)
    definition = brute_force.read(line)
    expected = brute_force.instants(definition, zone, after, until, in_gap, repeated)
    assert list(rule.between(after, until)) == expected
    assert rule.count_between(after, until) == len(expected)


@settings(max_examples=150, deadline=None)
@given(LINES, PLACES, INSTANTS, st.sampled_from([*InGap]), st.sampled_from([*Repeated]))
def test_next_and_between_agree_and_instants_increase(
    line: str, place: str, start: datetime, in_gap: str, repeated: str
) -> None:
    rule = _rule(line, place, in_gap, repeated)
    after = next_change(ZoneInfo(place), start)
    until = after + 3 * ONE_DAY
    one_by_one: list[datetime] = []
    due = rule.next(after)
    while due is not None and due <= until and len(one_by_one) < 300:
        one_by_one.append(due)
        due = rule.next(due)
    assert one_by_one == sorted(set(one_by_one))
    assert list(rule.between(after, until))[:300] == one_by_one


@settings(max_examples=100, deadline=None)
@given(LINES, PLACES, INSTANTS, st.timedeltas(timedelta(0), 2 * ONE_DAY))
def test_a_span_may_be_cut_anywhere(
    line: str, place: str, start: datetime, part: timedelta
) -> None:
    rule = _rule(line, place, "after", "first")
    after = next_change(ZoneInfo(place), start)
    cut, until = after + part, after + 2 * ONE_DAY
    whole = list(rule.between(after, until))
    assert [*rule.between(after, cut), *rule.between(cut, until)] == whole


@settings(max_examples=100, deadline=None)
@given(LINES, PLACES, INSTANTS)
def test_every_accepted_rule_is_due_some_day(line: str, place: str, after: datetime) -> None:
    due = _rule(line, place, "after", "first").next(after)
    assert due is not None
    assert after < due


def _rule(line: str, place: str, in_gap: str, repeated: str) -> Crontab:
    try:
        return crontab(line, place, InGap(in_gap), Repeated(repeated))
    except CrontabError:
        assume(False)
        raise
