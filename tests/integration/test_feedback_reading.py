"""Who reads feedback: the report, the digest, the admin; and what retention leaves of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from jobs.digests.registry import Asked, Section, section_makers
from jobs.feedback.digest_sections import new_feedback
from jobs.feedback.models import FeedbackMessage
from jobs.feedback.report_definitions import build
from jobs.feedback.retention import old_messages
from jobs.reports.content import Chart
from jobs.reports.periods import Period
from tests.integration.test_feedback import NOW, message
from tests.people import person


@pytest.mark.django_db
def test_the_report_shows_a_week_without_whole_addresses() -> None:
    inside = [NOW - timedelta(days=7), NOW - timedelta(days=2), NOW - timedelta(seconds=1)]
    for made_at in [*inside, NOW, NOW - timedelta(days=8)]:
        message(made_at=made_at)
    content = build(Period(NOW - timedelta(days=7), NOW))
    assert content.summary == "3 messages in seven days."
    assert [figure.value for figure in content.figures] == [3, 1]
    [table] = content.tables
    assert [row[0] for row in table.rows] == inside[::-1]
    assert "ada@example.org" not in str(content)


@pytest.mark.django_db
def test_a_long_table_is_cut_and_says_so_while_the_chart_counts_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jobs.feedback.report_definitions.MOST_MESSAGES", 2)
    for hours in (1, 2, 30):
        message(made_at=NOW - timedelta(hours=hours))
    content = build(Period(NOW - timedelta(days=7), NOW))
    [table] = content.tables
    assert (table.title, len(table.rows)) == ("The newest 2 messages", 2)
    [chart] = [block for block in content.blocks if isinstance(block, Chart)]
    assert list(chart.series[0].values) == [0, 0, 0, 0, 0, 0, 1, 2]


@pytest.mark.django_db
def test_the_report_on_a_quiet_week_says_so() -> None:
    content = build(Period(NOW - timedelta(days=7), NOW))
    assert content.summary == "Nobody wrote in these seven days."


@pytest.mark.django_db
def test_the_digest_tells_the_newest_messages_and_how_many_more() -> None:
    for number in range(7):
        message(made_at=NOW - timedelta(minutes=number + 1), message=f"message {number}")
    section = new_feedback(NOW - timedelta(days=1), NOW)
    assert isinstance(section, Section)
    assert [line.text for line in section.lines] == [
        *[f"message {number}" for number in range(5)],
        "And 2 more.",
    ]
    assert new_feedback(NOW, NOW + timedelta(days=1)) is None


@pytest.mark.django_db
def test_the_digest_tells_messages_only_to_who_may_read_them() -> None:
    message(made_at=NOW - timedelta(minutes=1))
    span = (NOW - timedelta(days=1), NOW)
    root = User.objects.create_superuser("root")
    left = person("left", "Admin")
    User.objects.filter(pk=left.pk).update(is_active=False)
    told = [root, person("reader", "Admin"), person("editor", "Editor"), person("bo"), left]
    known = Asked(root, *span).memory
    [feedback] = [maker for maker in section_makers() if maker.title == "New feedback"]
    sections = [feedback.make(Asked(one, *span, memory=known)) for one in told]
    assert [section is not None for section in sections] == [True, True, False, False, False]
    assert [feedback.is_for(one) for one in told] == [True, True, False, False, False]


@pytest.mark.django_db
def test_retention_deletes_the_old_and_writes_nothing_of_them(settings: Settings) -> None:
    age = timedelta(days=settings.FEEDBACK_RETENTION_DAYS)
    kept = message(made_at=NOW - age)
    message(made_at=NOW - age - timedelta(seconds=1))
    would = old_messages(NOW, 10, True)
    assert (would.count, FeedbackMessage.objects.count()) == (1, 2)
    assert "example.org" not in would.examples[0]
    assert old_messages(NOW, 10, False).count == 1
    assert FeedbackMessage.objects.get() == kept


def test_messages_are_for_reading_in_the_admin(admin_client: Client, viewer_client: Client) -> None:
    kept = message()
    page = f"/admin/feedback/feedbackmessage/{kept.pk}/change/"
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"message": "other"}).status_code == 403
    assert (
        admin_client.get("/admin/feedback/feedbackmessage/?thanks__exact=waiting").status_code
        == 200
    )
    assert admin_client.get("/admin/feedback/feedbackmessage/?q=Ada").status_code == 200
    assert viewer_client.get(page).status_code == 302
