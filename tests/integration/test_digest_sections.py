"""What a person's digest tells: their reports, how their schedules went, and what is coming."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from beat.models import ScheduleDetails, Timer
from jobs.digests.digest_sections import coming, failures, late
from jobs.digests.registry import Asked, Line, Section
from jobs.reports.content import Content
from jobs.reports.content_json import to_json
from jobs.reports.digest_sections import new_reports
from jobs.reports.models import Hold, Report, Version
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.people import person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def asked(who: User, since: datetime = NOW - DAY, until: datetime = NOW) -> Asked:
    """Return what sections are told of a person's digest."""
    return Asked(who, since, until)


def texts(section: Section | None) -> list[str]:
    """Return the first words of each line."""
    return [line.text.partition(":")[0] for line in section.lines] if section else []


def schedule(name: str, owner: Group | None = None, **timer: Any) -> PeriodicTask:
    """Return a schedule that belongs to a group, with its timer."""
    rule, _ = CrontabSchedule.objects.get_or_create(minute="0", hour="3")
    made: PeriodicTask = PeriodicTask.objects.create(name=name, task="sales.export", crontab=rule)
    ScheduleDetails.objects.create(schedule=made, owner=owner)
    if timer:
        Timer.objects.update_or_create(schedule=made, defaults={"is_stale": False, **timer})
    return made


def run_of(of: PeriodicTask | None = None, **changes: Any) -> Run:
    """Return a run that failed an hour before NOW."""
    at = NOW - HOUR
    values = {"id": uuid4(), "task": "sales.export", "state": State.FAILED, "due_at": at}
    values |= {"publish_at": at, "finished_at": at, "reason_text": "the disk is full"}
    values |= {"schedule": of, "schedule_name": of.name if of else "", "kind": Kind.SCHEDULED}
    return Run.objects.create(**{**values, **changes})


@pytest.fixture
def finance() -> Group:
    """Return a group that owns schedules."""
    return Group.objects.create(name="finance")


@pytest.fixture
def root() -> User:
    """Return a superuser, to whom everything is told."""
    return User.objects.create_superuser("root", "root@example.org")


def test_failures_are_told_per_schedule_with_the_last_reason_and_page(root: User) -> None:
    for hours in (3, 2):
        run_of(finished_at=NOW - hours * HOUR, reason_text="an older reason", kind=Kind.ADHOC)
    last = run_of(kind=Kind.ADHOC)
    run_of(schedule_name="Nightly export", state=State.LOST, reason_text="", reason="worker")
    section = failures(asked(root))
    assert section is not None
    assert [(line.text, line.detail) for line in section.lines] == [
        ("sales.export: 3 times", "the disk is full"),
        ("Nightly export: once", "worker"),
    ]
    assert section.lines[0].address == f"/runs/{last.id}/"


def test_what_went_well_or_failed_at_another_time_is_no_failure(root: User) -> None:
    run_of(state=State.SUCCEEDED)
    run_of(kind=Kind.REHEARSAL)
    run_of(finished_at=NOW)
    run_of(finished_at=NOW - DAY - timedelta(seconds=1))
    assert failures(asked(root)) is None


def test_many_kinds_of_failures_end_with_a_link_to_all(root: User) -> None:
    for number in range(12):
        run_of(task=f"task{number}")
    section = failures(asked(root))
    assert section is not None
    assert len(section.lines) == 11
    assert section.lines[-1] == Line("And more.", "/runs/?state=failed")


def test_each_person_is_told_of_their_own_schedules(finance: Group, root: User) -> None:
    sales = Group.objects.create(name="sales")
    for name, owner in (("Ledger", finance), ("Leads", sales), ("Nobody's", None)):
        run_of(schedule(name, owner))
    member = person("member")
    member.groups.add(finance)
    assert texts(failures(asked(member))) == ["Ledger"]
    assert sorted(texts(failures(asked(person("operator", "Operator"))))) == ["Nobody's"]
    assert failures(asked(person("viewer", "Viewer"))) is None
    assert sorted(texts(failures(asked(root)))) == ["Leads", "Ledger", "Nobody's"]


def test_late_and_missed_runs_are_told_with_how_late(finance: Group) -> None:
    member = person("member")
    member.groups.add(finance)
    export, check, swift = (schedule(name, finance) for name in ("Export", "Check", "Swift"))
    begun = {"state": State.SUCCEEDED, "reason_text": "", "due_at": NOW - 3 * HOUR}
    run_of(export, started_at=NOW - 2 * HOUR, **begun)
    run_of(export, started_at=NOW - HOUR, **begun | {"due_at": NOW - 4 * HOUR})
    run_of(swift, started_at=NOW - 3 * HOUR + timedelta(minutes=14), **begun)
    missed = {"reason_text": "no beat ran", "finished_at": NOW - timedelta(minutes=30)}
    run_of(check, state=State.MISSED, missed_count=12, **missed)
    run_of(check, state=State.EXPIRED, **missed | {"due_at": NOW - 2 * HOUR})
    section = late(asked(member))
    assert section is not None
    assert [(line.text, line.detail) for line in section.lines] == [
        ("Check: 13 missed", "no beat ran"),
        ("Export: 2 late by up to 3 h 0 min", ""),
    ]
    assert late(asked(person("viewer", "Viewer"))) is None


def test_a_run_that_was_retried_or_asked_for_by_hand_is_not_late(root: User) -> None:
    begun = {"state": State.SUCCEEDED, "due_at": NOW - 3 * HOUR, "started_at": NOW - HOUR}
    run_of(attempt=2, **begun)
    run_of(kind=Kind.BACKFILL, **begun)
    assert late(asked(root)) is None


def test_what_is_coming_is_told_by_the_clock_of_the_person(finance: Group) -> None:
    member = person("member", is_staff=False)
    member.groups.add(finance)
    schedule("Tomorrow", finance, due_at=NOW + DAY - HOUR)
    soon = schedule("Soon", finance, due_at=NOW + HOUR)
    schedule("Next week", finance, due_at=NOW + 2 * DAY)
    schedule("Of others", None, due_at=NOW + HOUR)
    off = schedule("Off", finance, due_at=NOW + HOUR)
    PeriodicTask.objects.filter(pk=off.pk).update(enabled=False)
    often = schedule("Often", finance, due_at=NOW + HOUR)
    PeriodicTask.objects.filter(pk=often.pk).update(last_run_at=NOW)
    Timer.objects.filter(schedule__in=[off, often]).update(is_stale=False)
    with timezone.override("Asia/Tokyo"):
        section = coming(asked(member))
    assert section is not None
    assert [(line.text, line.detail) for line in section.lines] == [
        ("Soon", "Saturday, 21 November, 18:00"),
        ("Tomorrow", "Sunday, 22 November, 16:00"),
    ]
    assert not section.is_news
    assert section.lines[0].address == "", "who may not enter the admin gets no link to it"
    member.is_staff = True
    [first, _] = coming(asked(member)).lines  # type: ignore[union-attr]
    assert first.address == f"/admin/django_celery_beat/periodictask/{soon.pk}/change/"


def test_everything_that_is_coming_is_told_to_a_superuser(finance: Group, root: User) -> None:
    schedule("Of finance", finance, due_at=NOW + HOUR)
    schedule("Of nobody", None, due_at=NOW + 2 * HOUR)
    assert texts(coming(asked(root))) == ["Of finance", "Of nobody"]
    assert texts(coming(asked(person("operator", "Operator")))) == ["Of nobody"]


def version(report: Report, made_at: datetime = NOW - HOUR, number: int = 1) -> Version:
    """Return a version made then."""
    return Version.objects.create(
        report=report,
        number=number,
        due_at=made_at,
        period_start_at=NOW - DAY,
        period_end_at=NOW,
        zone="UTC",
        made_at=made_at,
        summary=f"Summary {number}.",
        content=to_json(Content("Nothing.", [])),
    )


def report(title: str, *groups: Group) -> Report:
    """Return a report that is for these groups."""
    made = Report.objects.create(slug=title.lower(), title=title)
    made.groups.set(groups)
    return made


def test_a_digest_shows_the_reports_that_the_person_may_read_and_no_others(
    finance: Group, root: User
) -> None:
    for made in (report("Everybody"), report("Salaries", finance)):
        version(made)
    member, stranger = person("member"), person("stranger", is_staff=False)
    member.groups.add(finance)
    assert len(texts(new_reports(asked(member)))) == 2
    assert len(texts(new_reports(asked(root)))) == 2
    section = new_reports(asked(stranger))
    assert section is not None
    [line] = section.lines
    assert line.text.startswith("Everybody, ")
    shared = asked(member)
    new_reports(shared)
    told = new_reports(Asked(stranger, shared.since, shared.until, memory=shared.memory))
    assert told == section, "what is remembered of one person is not told to the next"


def test_a_digest_tells_of_the_newest_version_of_each_report_in_its_span(root: User) -> None:
    daily = report("Daily")
    version(report("Old"), NOW - DAY - timedelta(seconds=1))
    version(daily, NOW - DAY, 1)
    newest = version(daily, NOW - HOUR, 2)
    version(report("Late"), NOW)
    section = new_reports(asked(root))
    assert section is not None
    [line] = section.lines
    assert line.address == newest.get_absolute_url()
    assert line.detail == "Summary 2. (2 versions)"


def test_a_version_that_is_held_is_announced_when_it_is_released(root: User) -> None:
    held = version(report("Held"))
    hold = Hold.objects.create(version=held, reason="empty", held_at=NOW)
    assert new_reports(asked(root)) is None
    released = Hold.objects.filter(pk=hold.pk)
    released.update(released_at=NOW - timedelta(minutes=1))
    assert len(texts(new_reports(asked(root)))) == 1
    released.update(released_at=NOW + DAY)
    spans = [(NOW + DAY * days, NOW + DAY * (days + 1)) for days in (-1, 0, 1, 2)]
    told = [new_reports(asked(root, *span)) is not None for span in spans]
    assert told == [False, False, True, False], "once, with the next digest after the release"
    released.update(released_at=None, dropped_at=NOW + DAY)
    assert not any(new_reports(asked(root, *span)) for span in spans)


def test_many_reports_end_with_a_link_to_all(root: User) -> None:
    for number in range(22):
        version(report(f"R{number}"))
    section = new_reports(asked(root))
    assert section is not None
    assert len(section.lines) == 21
    assert section.lines[-1] == Line("And 2 more.", "/reports/")


def test_the_next_person_of_a_span_costs_one_query(
    finance: Group, django_assert_num_queries: Callable[[int], Any]
) -> None:
    version(report("Everybody"))
    of_finance = schedule("Ledger", finance, due_at=NOW + HOUR)
    run_of(of_finance)
    run_of(of_finance, state=State.MISSED, missed_count=1, due_at=NOW - 2 * HOUR)
    first, second = person("first"), person("second")
    finance.user_set.add(first, second)
    of_first = asked(first)
    of_second = Asked(second, NOW - DAY, NOW, memory=of_first.memory)
    sections = (new_reports, failures, late, coming)
    told = [make(of_first) for make in sections]
    assert all(told)
    with django_assert_num_queries(1):
        assert [make(of_second) for make in sections] == told
