"""Every row that people edit in the admin leaves an entry in the trail, with its difference."""

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.forms import CheckboxInput, MultiWidget
from django.test import Client, RequestFactory
from django.urls import reverse

from jobs.cleanup.models import CleanupPolicy
from jobs.digests.models import Subscriber
from jobs.feedback.models import FeedbackMessage
from jobs.reports.models import DeliveryGate, Report, ReportTag, Subscription
from tests.integration.mailed_reports import a_report
from tests.people import client_of, person

pytestmark = pytest.mark.django_db

# What is changed on each page, and the old and the new value that the trail has then.
EDITS: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {
    "auth.group": ({"name": "money"}, {"name": ["finance", "money"]}),
    "auth.user": ({"first_name": "Bo"}, {"first name": ["", "Bo"]}),
    "cleanup.cleanuppolicy": ({"days_kept": "400"}, {"days kept": ["", "400"]}),
    "digests.subscriber": ({"cadence": "weekly"}, {"cadence": ["Every day", "Every week"]}),
    "reports.report": ({"days_kept": "90"}, {"days_kept": ["", "90"]}),
    "reports.reporttag": ({"name": "sun"}, {"name": ["weather", "sun"]}),
    "reports.subscription": (
        {"only_if_not_empty": "on"},
        {"only if not empty": ["no", "yes"]},
    ),
}
# Nobody changes these; who may delete them leaves an entry by that.
ONLY_DELETED = {"feedback.feedbackmessage"}
# Schedules and what they are made of: test_audit_recording.py, test_audit_pages.py,
# test_api_tokens_admin.py.
OF_SCHEDULES = {
    "beat.apitoken", "beat.calendar", "beat.tag",
    "django_celery_beat.clockedschedule", "django_celery_beat.crontabschedule",
    "django_celery_beat.intervalschedule", "django_celery_beat.periodictask",
    "django_celery_beat.solarschedule",
}  # fmt: skip
# Records that packages write about themselves; superusers alone see them.
OF_PACKAGES = {
    "axes.accessattempt", "axes.accessfailurelog", "axes.accesslog",
    "django_celery_results.groupresult", "django_celery_results.taskresult",
}  # fmt: skip


@pytest.fixture
def root() -> Client:
    """Return a superuser's browser."""
    return client_of(User.objects.create_superuser("root"))


def a_row(label: str) -> Model:
    """Return a new row of this model."""
    rows: dict[str, Callable[[], Model]] = {
        "auth.group": lambda: Group.objects.create(name="finance"),
        "auth.user": lambda: person("somebody"),
        "cleanup.cleanuppolicy": lambda: CleanupPolicy.objects.create(rule="run history"),
        "digests.subscriber": lambda: Subscriber.objects.create(user=person("reader")),
        "feedback.feedbackmessage": lambda: FeedbackMessage.objects.create(
            name="Bo", email="bo@example.org", message="Hello", try_again_at="2026-01-01T00:00Z"
        ),
        "reports.report": a_report,
        "reports.reporttag": lambda: ReportTag.objects.create(name="weather"),
        "reports.subscription": lambda: Subscription.objects.create(
            report=a_report(), address="board@example.org"
        ),
    }
    return rows[label]()


def address(row: Model, page: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def form_of(browser: Client, row: Model) -> dict[str, Any]:
    """Return what the row's page posts when nobody touches it."""
    context = browser.get(address(row, "change")).context
    sets = [one.formset for one in context["inline_admin_formsets"]]
    forms = [context["adminform"].form]
    for one in sets:
        forms += [one.management_form, *one.initial_forms]
    return {name: value for form in forms for name, value in _values(form).items()}


def _values(form: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in form:
        value, widget = field.value(), field.field.widget
        if isinstance(widget, MultiWidget):
            parts = enumerate(widget.decompress(value) or [])
            found |= {f"{field.html_name}_{at}": str(part or "") for at, part in parts}
        elif not isinstance(widget, CheckboxInput) or value:
            found[field.html_name] = "" if value is None else value
    return found


def post(browser: Client, row: Model, **changes: Any) -> LogEntry:
    """Post the row's page with these changes, and return the entry that this leaves."""
    answer = browser.post(address(row, "change"), form_of(browser, row) | changes)
    assert answer.status_code == 302, answer.context["errors"]
    return LogEntry.objects.latest("pk")


def test_no_editable_row_is_forgotten() -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    editable = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request)
        or page.has_change_permission(request)
        or page.has_delete_permission(request)
    }
    assert editable == EDITS.keys() | ONLY_DELETED | OF_SCHEDULES | OF_PACKAGES


@pytest.mark.parametrize("label", EDITS)
def test_an_edit_in_the_admin_leaves_its_difference(root: Client, label: str) -> None:
    row = a_row(label)
    changes, difference = EDITS[label]
    entry = post(root, row, **changes)
    assert (entry.changes, entry.object_id) == (difference, row.pk)
    assert entry.additional_data["by"] == "root"
    assert entry.content_type.model_class() is type(row)
    count = LogEntry.objects.count()
    root.post(address(row, "change"), form_of(root, row))
    assert LogEntry.objects.count() == count, "nothing was changed"


@pytest.mark.parametrize(
    "label", ["auth.group", "reports.reporttag", "reports.subscription", *ONLY_DELETED]
)
@pytest.mark.parametrize("is_bulk", [False, True])
def test_what_is_deleted_leaves_an_entry(root: Client, label: str, is_bulk: bool) -> None:
    row = a_row(label)
    if is_bulk:
        chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        root.post(address(row, "change").replace(f"{row.pk}/change/", ""), chosen)
    else:
        root.post(address(row, "delete"), {"post": "yes"})
    assert not type(row)._default_manager.filter(pk=row.pk).exists()
    entry = LogEntry.objects.get(action=LogEntry.Action.DELETE)
    assert entry.object_id == row.pk
    assert "Hello" not in f"{entry.changes} {entry.object_repr}", "what is forgotten is not kept"


def test_gates_readers_and_sharing_are_told_with_their_report(root: Client) -> None:
    report = a_report()
    group = Group.objects.create(name="Readers")
    entry = post(
        root,
        report,
        **{
            "groups": [group.pk],
            "is_sharing_allowed": "",
            "gate-TOTAL_FORMS": 1,
            "gate-0-far_percent": "20",
            "gate-0-weeks_compared": "8",
        },
    )
    gate = DeliveryGate.objects.get()
    assert entry.changes.keys() == {"groups", "is_sharing_allowed", f"delivery gate {gate.pk}"}
    assert entry.changes["groups"] == ["", "Readers"]
    assert entry.changes[f"delivery gate {gate.pk}"][1].endswith("weeks compared: 8")
    assert Report.objects.get().is_sharing_allowed is False


def test_a_new_account_is_told_without_its_password(root: Client) -> None:
    words = {"password1": "correct horse 7", "password2": "correct horse 7"}
    root.post("/admin/auth/user/add/", {"username": "new", "usable_password": "true", **words})
    entry = LogEntry.objects.get(action=LogEntry.Action.CREATE)
    assert entry.changes["username"] == ["", "new"]
    assert "password" not in entry.changes


def test_a_new_password_is_told_and_not_shown(root: Client) -> None:
    somebody = person("somebody")
    words = {"password1": "correct horse 7", "password2": "correct horse 7"}
    root.post(f"/admin/auth/user/{somebody.pk}/password/", {**words, "usable_password": "true"})
    entry = LogEntry.objects.get()
    assert entry.changes == {"password": ["as before", "changed"]}
    assert entry.object_repr == "somebody"
