"""A report with a version and people who get it by mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from jobs.reports.content import (
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Series,
    Table,
)
from jobs.reports.content_json import to_json
from jobs.reports.delivery.planning import plan_deliveries
from jobs.reports.models import DeliveryState, Report, ReportDelivery, Subscription, Version
from tests.people import person

DUE = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)
HOSTILE = '<script>alert("mail")</script>'


def content(*, chart: bool = False) -> Content:
    """Return a small content with something hostile in every place."""
    blocks: list[Any] = [
        Figures([Figure(f"Orders {HOSTILE}", 1234, "pieces")]),
        Table("T", [Column("a")], [[HOSTILE]]),
    ]
    if chart:
        series = [Series("Orders", [1, 3, 2])]
        blocks.append(
            Chart("Week", ChartKind.BAR, ["a", "b", "c"], series, 'Rises & falls "fast".')
        )
    return Content(f"Sold well {HOSTILE}.", blocks)


def a_report(slug: str = "sales", **values: Any) -> Report:
    """Return a report, made when there is none."""
    return Report.objects.get_or_create(slug=slug, defaults={"title": "Sales & more"} | values)[0]


def a_version(report: Report | None = None, **values: Any) -> Version:
    """Return a new version, without deliveries."""
    report = report or a_report()
    number = report.versions.count() + 1
    due_at = values.pop("due_at", DUE + DAY * number)
    chosen = {"row_count": 1, "measures": {"Orders": 1234}, **values}
    shown = chosen.pop("content", None) or content()
    return Version.objects.create(
        report=report,
        number=number,
        due_at=due_at,
        period_start_at=due_at.replace(hour=0) - DAY,
        period_end_at=due_at.replace(hour=0),
        zone="UTC",
        made_at=due_at,
        summary=shown.summary,
        content=to_json(shown),
        **chosen,
    )


def subscribed(*names: str, report: Report | None = None, **values: Any) -> list[Subscription]:
    """Return new people's subscriptions to the report."""
    report = report or a_report()
    users = [User.objects.filter(username=name).first() or person(name) for name in names]
    return [Subscription.objects.create(report=report, user=user, **values) for user in users]


def outside(count: int, name: str = "reader") -> None:
    """Let so many addresses without an account get the report."""
    report = a_report()
    rows = [Subscription(report=report, address=f"{name}-{at}@example.org") for at in range(count)]
    Subscription.objects.bulk_create(rows, batch_size=1000)


def planned(version: Version | None = None) -> Version:
    """Return a version whose mails are to be sent now."""
    version = version or a_version()
    plan_deliveries(version, timezone.now())
    return version


def make_all_due() -> None:
    """Let what waits for later be due now."""
    waiting = ReportDelivery.objects.filter(state=DeliveryState.WAITING)
    waiting.update(send_after_at=timezone.now())


def states() -> dict[str, str]:
    """Return each address's state, by the part before the @."""
    found = ReportDelivery.objects.order_by("pk").values_list("address", "state")
    return {address.partition("@")[0]: state for address, state in found}
