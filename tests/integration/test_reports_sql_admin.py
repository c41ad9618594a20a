"""Writing a report in SQL in the admin: who may, the preview, saving it, the trail."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from jobs.reports.admin.links import recipients_address, schedule_address
from jobs.reports.making import make_version
from jobs.reports.models import Report, SqlDefinition, Subscription
from jobs.reports.registry import UnknownReportError, definition_of
from jobs.reports.sql.sources import PLATFORM
from tests.integration.read_reports import NOW, schedule_of
from tests.integration.report_sources import platform_source
from tests.people import EVERYBODY, client_of, person, person_of

pytestmark = pytest.mark.django_db

QUERY = "SELECT 1 AS place, 12.5 AS amount\nUNION ALL SELECT 2, 7.5 ORDER BY place"
ADD = reverse("admin:reports_sql_add")


@pytest.fixture(autouse=True)
def platform(settings: Settings) -> None:
    """Have the platform's own database as a source."""
    platform_source(settings)


@pytest.fixture
def writer(db: None) -> User:
    """Return a person who may write reports in SQL, and nothing else."""
    user = person("writer")
    user.user_permissions.add(Permission.objects.get(codename="define_sql_report"))
    return user


@pytest.fixture
def desk(writer: User) -> Client:
    """Return the writer's browser."""
    return client_of(writer)


def posted(button: str = "_save", **values: Any) -> dict[str, Any]:
    """Return what the page posts: the fields, and lists with one row each."""
    data: dict[str, Any] = {
        button: "1",
        "words-title": "Places",
        "words-slug": "places",
        "query-source": PLATFORM,
        "query-query": QUERY.replace("\n", "\r\n"),
        "query-summary": "{rows} places, {sum:amount} in all.",
        "query-period_kind": "previous day",
        "query-period_hours": "24",
        "query-zone": "Europe/Berlin",
    }
    for name in ("parameters", "columns", "sections"):
        data |= {f"{name}-TOTAL_FORMS": "2", f"{name}-INITIAL_FORMS": "0"}
    # As a browser posts rows that are left empty.
    data |= {"parameters-0-kind": "text", "parameters-1-kind": "text", "columns-1-type": ""}
    data |= {"columns-0-name": "amount", "columns-0-unit": "€", "columns-0-digits": "2"}
    data |= {"sections-0-kind": "table", "sections-0-text": "All places", "sections-0-ORDER": "2"}
    data |= {"sections-1-kind": "figure", "sections-1-text": "Sales", "sections-1-ORDER": "1"}
    data |= {"sections-1-calculation": "sum", "sections-1-columns": "amount"}
    return data | values


def page(response: Any) -> str:
    """Return the page's text; it must be one."""
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_written_report_is_saved_owned_recorded_and_can_be_made(
    desk: Client, writer: User
) -> None:
    response = desk.post(ADD, posted())
    report = Report.objects.get(slug="places")
    assert response["Location"] == reverse("admin:reports_sql_change", args=[report.pk])
    assert report.owner == writer
    definition = definition_of("places")
    content = definition.build(definition.period(report.sql.changed_at))
    assert content.summary == "2 places, 20.00\N{NO-BREAK SPACE}€ in all."
    assert [type(block).__name__ for block in content.blocks] == ["Figures", "Table"]
    [entry] = LogEntry.objects.filter(content_type__model="report")
    assert entry.actor == writer
    assert entry.changes["query"] == ["", QUERY]
    assert entry.additional_data["by"] == "writer"


def test_the_page_shows_what_was_saved_and_saves_it_again(desk: Client) -> None:
    desk.post(ADD, posted())
    definition = SqlDefinition.objects.get()
    address = reverse("admin:reports_sql_change", args=[definition.pk])
    shown = page(desk.get(address))
    assert "{sum:amount}" in shown
    assert 'value="€"' in shown
    changed = posted(version=definition.changed_at.isoformat(), **{"words-title": "All places"})
    assert desk.post(address, changed).status_code == 302
    assert LogEntry.objects.filter(changes__has_key="title").count() == 2
    assert "Somebody has changed this report" in page(desk.post(address, changed))


def test_the_preview_shows_rows_types_and_time_and_saves_nothing(desk: Client) -> None:
    shown = page(desk.post(ADD, posted("_preview")))
    assert "decimal number" in shown
    assert "12.50" in shown
    assert "2 places, 20.00" in shown
    assert not Report.objects.exists()


def test_the_preview_stops_at_fifty_rows(desk: Client) -> None:
    many = (
        "WITH RECURSIVE n(place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM n WHERE place < 99)"
    )
    query = f"{many} SELECT place, 1.5 AS amount FROM n"
    assert "the first 50 rows" in page(desk.post(ADD, posted("_preview", **{"query-query": query})))


def test_the_preview_takes_the_examples_of_parameters(desk: Client) -> None:
    asked = {
        "query-query": "SELECT :country AS country, 1.5 AS amount",
        "parameters-0-name": "country",
        "parameters-0-kind": "choice",
        "parameters-0-choices": "DE, FR",
    }
    assert "has no default" in page(desk.post(ADD, posted("_preview", **asked)))
    asked["parameters-0-example"] = "FR"
    assert "<td>FR</td>" in page(desk.post(ADD, posted("_preview", **asked)))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT 1 AS amount;\nDELETE FROM auth_user", "Line 2: A second statement begins here"),
        ("SELECT 1 AS amount,\n:nobody AS x", "Line 2: There is no value :nobody"),
        ("SELECT password AS amount FROM auth_user", "auth_user"),
        ("SELECT nothing AS amount", "nothing"),
        ("SELECT '<b>' AS amount", "cannot be made: it is a text"),
    ],
)
def test_what_is_wrong_with_a_query_is_a_sentence_and_is_logged_with_who(
    desk: Client, caplog: pytest.LogCaptureFixture, query: str, sentence: str
) -> None:
    shown = page(desk.post(ADD, posted("_preview", **{"query-query": query})))
    assert sentence in shown
    assert "<b>" not in shown
    is_asked = "Line 2: " not in sentence
    assert ("writer" in caplog.text) is is_asked


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("words-slug", "weather-week", "A report that is written in code has this name"),
        ("query-zone", "Mars", "Write an IANA time zone"),
        ("query-summary", "{rows.x}", "The summary holds {rows.x}"),
        ("sections-0-kind", "chart", "Write one to four columns"),
        ("parameters-0-name", "period", "cannot be called so"),
        ("columns-0-digits", "7", "less than or equal to 6"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_saved(
    desk: Client, field: str, value: str, sentence: str
) -> None:
    assert sentence in page(desk.post(ADD, posted(**{field: value})))
    assert not Report.objects.exists()


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_writes_sql_by_a_role(who: str) -> None:
    report = Report.objects.create(slug="places", title="Places")
    SqlDefinition.objects.create(report=report, source=PLATFORM, query=QUERY)
    client = client_of(person_of(who))
    names = ("admin:reports_sql_change", "admin:reports_sql_remove")
    for address in (ADD, *(reverse(name, args=[report.pk]) for name in names)):
        for response in (client.get(address), client.post(address, posted())):
            assert response.status_code in (302, 403)
            assert "sql" not in response.get("Location", "").partition("?")[0]
    assert SqlDefinition.objects.get().query == QUERY
    assert Report.objects.count() == 1


def test_the_settings_of_a_report_are_changed_and_recorded(admin_client: Client) -> None:
    report = Report.objects.create(slug="run-history", title="Platform history")
    group = Group.objects.create(name="finance")
    address = reverse("admin:reports_report_change", args=[report.pk])
    # More than a form may have fields for.
    many = [Subscription(report=report, address=f"{n}@example.org") for n in range(1_001)]
    Subscription.objects.bulk_create(many)
    shown = page(admin_client.get(address))
    assert "Schedule this report" in shown
    assert "Recipients (1,001)" in shown
    data = {
        "groups": [group.pk],
        "formats": ["pdf"],
        "versions_kept": "30",
        "gate-TOTAL_FORMS": "1",
        "gate-INITIAL_FORMS": "0",
        "gate-0-report": str(report.pk),
        "gate-0-holds_empty": "on",
        "gate-0-far_percent": "40",
        "gate-0-weeks_compared": "4",
    }
    assert admin_client.post(address, data).status_code == 302
    report.refresh_from_db()
    assert (list(report.groups.all()), report.formats, report.versions_kept) == (
        [group],
        ["pdf"],
        30,
    )
    assert (report.gate.far_percent, report.gate.weeks_compared) == (40, 4)
    entry = LogEntry.objects.get(content_type__model="report")
    assert entry.changes["groups"] == ["", "finance"]


def test_recipients_are_found_added_and_checked(admin_client: Client) -> None:
    report = Report.objects.create(slug="run-history", title="Platform history")
    other = Report.objects.create(slug="other", title="Other")
    Subscription.objects.create(report=other, address="other@example.org")
    add = reverse("admin:reports_subscription_add")
    data = {"report": str(report.pk), "zone": "Europe/Berlin", "enabled": "on"}
    refused = page(admin_client.post(add, data))
    assert "Choose an account, or write an address for somebody without." in refused
    assert admin_client.post(add, data | {"address": "board@example.org"}).status_code == 302
    assert report.subscriptions.get().address == "board@example.org"
    again = page(admin_client.post(add, data | {"address": "board@example.org"}))
    assert "board@example.org gets this report already." in again
    listed = page(admin_client.get(recipients_address(report)))
    assert "board@example.org" in listed
    assert "other@example.org" not in listed


def test_a_report_in_sql_is_deleted_only_before_it_was_made(desk: Client) -> None:
    desk.post(ADD, posted())
    report = Report.objects.get()
    address = reverse("admin:reports_report_delete", args=[report.pk])
    assert desk.post(address, {"post": "yes"}).status_code == 302
    assert not Report.objects.exists()
    code = Report.objects.create(slug="run-history", title="Platform history")
    address = reverse("admin:reports_report_delete", args=[code.pk])
    assert desk.post(address, {"post": "yes"}).status_code == 403


@pytest.fixture
def written(desk: Client) -> Report:
    """Write a report in SQL, make a version of it and return it."""
    desk.post(ADD, posted())
    return make_version(definition_of("places"), NOW, None, NOW).report


def test_the_sql_of_a_report_with_versions_is_deleted_and_the_versions_stay(
    desk: Client, written: Report
) -> None:
    address = reverse("admin:reports_sql_remove", args=[written.pk])
    own = reverse("admin:reports_report_change", args=[written.pk])
    assert address in page(desk.get(own))
    schedule_of("places", name="Nightly places")
    asked = page(desk.get(address))
    assert "Nightly places" in asked
    assert "its 1 version can be read as before" in asked
    assert SqlDefinition.objects.exists(), "it is only asked"
    assert desk.post(address)["Location"] == own
    with pytest.raises(UnknownReportError):
        definition_of("places")
    entry = LogEntry.objects.filter(content_type__model="report").latest("pk")
    assert entry.changes["query"] == [QUERY, ""]
    assert entry.additional_data["by"] == "writer"
    for shown in ("/reports/?q=places", written.get_absolute_url()):
        assert "no longer defined" in page(desk.get(shown))
    assert "2 places" in page(desk.get(written.get_absolute_url()))
    assert "no longer defined" in page(desk.get(reverse("admin:reports_report_changelist")))
    assert desk.get(address).status_code == 404


def test_a_report_that_lost_its_sql_is_written_again_under_its_name(
    desk: Client, written: Report
) -> None:
    SqlDefinition.objects.all().delete()
    own = reverse("admin:reports_report_change", args=[written.pk])
    address = reverse("admin:reports_sql_change", args=[written.pk])
    assert address in page(desk.get(own))
    assert 'value="places"' in page(desk.get(address))
    assert desk.post(address, posted(version="")).status_code == 302
    assert make_version(definition_of("places"), NOW, None, NOW).number == 2
    code = Report.objects.create(slug="run-history", title="Platform history")
    assert desk.get(reverse("admin:reports_sql_change", args=[code.pk])).status_code == 404


def test_the_list_shows_the_reports_that_were_never_made(desk: Client) -> None:
    assert "weather-week" in page(desk.get(reverse("admin:reports_report_changelist")))


def test_a_schedule_is_prefilled_from_the_report(admin_client: Client) -> None:
    report = Report.objects.create(slug="run-history", title="Platform history")
    shown = page(admin_client.get(schedule_address(report)))
    assert 'value="Platform history"' in shown
    assert 'value="reports.make"' in shown
    assert "run-history" in shown
    assert not PeriodicTask.objects.filter(task="reports.make").exists()
