"""Making versions: all of one appears or nothing, once per run, about the logical day."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from jobs.reports.content import Column, Content, Figure, Figures, Table
from jobs.reports.formats import WRITERS, Format
from jobs.reports.making import files, make_version, versions
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.parameters import Parameter
from jobs.reports.periods import Period, calendar_week, last_days
from jobs.reports.registry import Definition
from jobs.reports.report_definitions import run_history_week
from jobs.reports.rows import spooled
from jobs.reports.values import ValueType
from jobs.runs.cancelling import Cancelled
from jobs.runs.models import Run
from jobs.runs.results import links_of
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def build(period: Period) -> Content:
    """Return a small content that tells its period."""
    return Content(f"About {period.label}.", [Table("T", [Column("a")], [["=1"], ["<b>"]])])


WEEKLY = Definition("weekly", "Weekly", "About a week.", calendar_week(), build)


def made(due_at: datetime = NOW, run_id: UUID | None = None, now: datetime = NOW) -> Version:
    """Return a version of the weekly report."""
    return make_version(WEEKLY, due_at, run_id, now)


def files_in(folder: Path) -> list[Path]:
    """Return every file below `folder`."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_a_version_has_a_file_in_each_format_with_its_size_and_checksum() -> None:
    version = made()
    artefacts = {artefact.format: artefact for artefact in version.artefacts.all()}
    assert artefacts.keys() == set(Format.values)
    for artefact in artefacts.values():
        with artefact.file.open("rb") as file:
            stored = file.read()
        assert artefact.size_bytes == len(stored)
        assert artefact.sha256 == hashlib.sha256(stored).hexdigest()
    with artefacts["pdf"].file.open("rb") as file:
        assert file.read(5) == b"%PDF-"


@pytest.mark.django_db
def test_versions_of_a_report_are_numbered_one_after_the_other() -> None:
    assert [made().number for _ in range(3)] == [1, 2, 3]
    assert Report.objects.get().title == "Weekly"


@pytest.mark.django_db
def test_a_late_report_is_about_its_logical_day() -> None:
    version = made(due_at=NOW - timedelta(days=30), now=NOW)
    assert version.period.label == "19 \N{EN DASH} 25 October 2026"
    assert version.summary == "About 19 \N{EN DASH} 25 October 2026."
    assert version.due_on.isoformat() == "2026-10-22"


@pytest.mark.django_db
def test_the_same_period_made_twice_is_the_same_to_the_byte() -> None:
    first, second = made(), made()
    assert first.content == second.content
    sums = [
        {artefact.format: artefact.sha256 for artefact in version.artefacts.all()}
        for version in (first, second)
    ]
    assert sums[0] == sums[1]


@pytest.mark.django_db
def test_a_version_made_later_has_the_same_data_to_the_byte() -> None:
    first, second = made(), made(due_at=NOW - timedelta(days=2), now=NOW + timedelta(days=9))
    assert first.period == second.period
    data = [
        set(version.artefacts.exclude(format="pdf").values_list("format", "sha256"))
        for version in (first, second)
    ]
    assert data[0] == data[1]


@pytest.mark.django_db
def test_a_version_has_the_formats_that_its_report_asks_for_else_its_definition() -> None:
    definition = replace(WEEKLY, formats=("csv", "xlsx"))
    version = make_version(definition, NOW, None, NOW)
    assert set(version.artefacts.values_list("format", flat=True)) == {"csv", "xlsx"}
    assert version.document.formats == {"csv", "xlsx"}
    Report.objects.update(formats=["json"])
    version = make_version(definition, NOW, None, NOW)
    assert [artefact.format for artefact in version.artefacts.all()] == ["json"]


@pytest.mark.django_db
def test_a_version_remembers_its_parameters_numbers_and_rows() -> None:
    def of(period: Period, country: str, since: date) -> Content:
        columns = [Column("a")]
        rows = spooled(columns, ([f"{country} {number}"] for number in range(1_500)))
        table = Table("T", columns, rows)
        return Content(f"Since {since}.", [Figures([Figure("Orders", 7)]), table])

    parameters = (Parameter("country", default="DE"), Parameter("since", ValueType.DATE))
    definition = replace(WEEKLY, build=of, parameters=parameters, formats=("csv",))
    version = make_version(definition, NOW, None, NOW, {"since": "2026-11-01"})
    version.refresh_from_db()
    assert version.parameters == {"country": "DE", "since": "2026-11-01"}
    assert version.summary == "Since 2026-11-01."
    assert (version.measures, version.row_count) == ({"Orders": 7}, 1_500)
    [table] = version.document.content.tables
    assert (len(table.rows), table.row_count) == (1_000, 1_500)
    assert version.document.asked_with == "country: DE, since: 2026-11-01"
    with version.artefacts.get().file.open("rb") as file:
        assert len(file.readlines()) == 1_501
    with pytest.raises(ValueError, match="country"):
        make_version(definition, NOW, None, NOW, {"country": 5, "since": "2026-11-01"})


@pytest.mark.django_db
def test_whoever_waits_is_told_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(versions, "report_progress", lambda _, text: told.append(text))
    monkeypatch.setattr(files, "report_progress", lambda *given: told.append(given[2]))
    make_version(replace(WEEKLY, formats=("csv", "json")), NOW, None, NOW)
    assert told == ["asking for the data", "writing CSV", "writing JSON"]


@pytest.mark.django_db
def test_a_run_that_is_cancelled_meanwhile_writes_nothing(
    artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_to_end() -> None:
        # It is when the first file is there.
        if files_in(artefacts_folder):
            raise Cancelled("The run was asked to end.")

    monkeypatch.setattr(files, "raise_if_cancelled", asked_to_end)
    with pytest.raises(Cancelled):
        make_version(replace(WEEKLY, formats=("csv", "json")), NOW, None, NOW)
    assert files_in(artefacts_folder) == []
    assert not Version.objects.exists()


@pytest.mark.django_db
def test_a_run_that_is_tried_again_makes_no_second_version(artefacts_folder: Path) -> None:
    run_id = uuid4()
    first = made(run_id=run_id)
    assert made(run_id=run_id, now=NOW + timedelta(hours=1)) == first
    assert Version.objects.count() == 1
    assert len(files_in(artefacts_folder)) == len(Format)


@pytest.mark.django_db(transaction=True)
def test_two_attempts_of_one_run_at_the_same_time_make_one_version(artefacts_folder: Path) -> None:
    run_id = uuid4()

    def attempt(_: int) -> int:
        try:
            return made(run_id=run_id).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made_by = set(pool.map(attempt, range(4)))
    assert made_by == {Version.objects.get().pk}
    assert len(files_in(artefacts_folder)) == len(Format)


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_time_each_get_a_number_of_their_own() -> None:
    def attempt(_: int) -> int:
        try:
            return made(run_id=uuid4()).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [1, 2, 3, 4]


def test_a_loser_of_the_race_removes_its_files_and_takes_the_winners_version(
    transactional_db: None, artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = uuid4()
    winners: list[Version] = []
    original = versions._insert

    def beaten(*arguments: object) -> Version:
        # The other attempt commits between our check and our insert.
        monkeypatch.setattr(versions, "_insert", original)
        winners.append(made(run_id=run_id))
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(versions, "_insert", beaten)
    assert made(run_id=run_id) == winners[0]
    assert Version.objects.count() == 1
    assert len(files_in(artefacts_folder)) == len(Format)


@pytest.mark.django_db
def test_a_failure_half_way_leaves_neither_rows_nor_files(
    artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        assert len(files_in(artefacts_folder)) == 2  # it is half-way
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(WRITERS, Format.CSV, fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        made()
    assert not Version.objects.exists()
    assert not Artefact.objects.exists()
    assert files_in(artefacts_folder) == []


@pytest.mark.django_db
def test_a_failure_of_the_database_leaves_neither_rows_nor_files(
    artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("the connection is gone")

    monkeypatch.setattr(Artefact.objects, "bulk_create", fail)
    with pytest.raises(DatabaseError, match="the connection is gone"), transaction.atomic():
        made()
    assert not Version.objects.exists()
    assert files_in(artefacts_folder) == []


@pytest.mark.django_db
def test_a_new_title_in_the_code_shows_with_the_next_version() -> None:
    made()
    make_version(Definition("weekly", "Every week", "New.", calendar_week(), build), NOW, None, NOW)
    report = Report.objects.get()
    assert (report.title, report.description) == ("Every week", "New.")


@pytest.mark.django_db
def test_the_report_about_an_empty_history_can_be_made() -> None:
    definition = Definition("history", "History", "", last_days(7), run_history_week)
    assert make_version(definition, NOW, None, NOW).summary == "No run was due in this period."


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_makes_one_report_after_the_other(
    broker: RedisServer, tmp_path: Path
) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log"):
        sent = [
            app.send_task("reports.make", kwargs={"report": slug})
            for slug in ("run-history", "run-history", "run-history", "no-such-report")
        ]
        ids = [one.id for one in sent]
        wait_until(
            lambda: Run.objects.filter(id__in=ids, finished_at__isnull=False).count() == 4,
            "all four runs to end",
        )
    failed = Run.objects.get(id=ids[3])
    assert failed.state == State.FAILED
    assert "There is no report 'no-such-report'. The reports are: " in failed.reason_text
    runs = Run.objects.filter(id__in=ids[:3])
    assert {run.state for run in runs} == {State.SUCCEEDED}
    assert {run.result["version"] for run in runs if run.result} == {1, 2, 3}
    linked = {link.url for run in runs for link in links_of(run.result)}
    assert linked == {version.get_absolute_url() for version in Version.objects.all()}
    assert set(Version.objects.values_list("run_id", flat=True)) == {run.id for run in runs}
    for artefact in Artefact.objects.all():
        assert artefact.file.storage.size(str(artefact.file.name)) == artefact.size_bytes
