"""A site with one of everything and one of everybody, for the matrix of permissions."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import Client
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_celery_results.models import GroupResult, TaskResult

from beat.access.asker import Asker
from beat.api.tokens import make_token
from beat.audit.recording import audited
from beat.models import Backfill, Beat, Calendar, Tag
from jobs.alerts.models import Alert, Trouble
from jobs.cleanup.models import CleanupPolicy
from jobs.digests.models import UNSUBSCRIBE_SALT, Delivery, Subscriber
from jobs.feedback.models import FeedbackMessage
from jobs.reports.content import Content
from jobs.reports.content_json import to_json
from jobs.reports.models import (
    Artefact,
    Report,
    ReportDelivery,
    ReportTag,
    SqlDefinition,
    Subscription,
    Version,
    WeatherObservation,
)
from jobs.runs.states import State
from tests.integration.acting import set_timer
from tests.integration.held_runs import make_worker
from tests.integration.outgoing_runs import make_run
from tests.integration.permission_table import ADMIN, ANONYMOUS, NEWCOMER, PEOPLE, ROOT, STRANGER
from tests.people import client_of, person

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
# A place in an address pattern: Django's own, or a group of a regular expression.
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)\$?")


@dataclass(frozen=True)
class World:
    """Everybody, the cookies with which they are signed in, and one of everything."""

    people: dict[str, User | None]
    cookies: dict[str, str]
    rows: dict[str, Model]
    values: dict[str, str]

    def browser_of(self, who: str) -> Client:
        """Return a browser in which the person is signed in."""
        client = Client()
        client.cookies.load(self.cookies[who])
        return client

    def address_of(self, route: str, **values: str) -> str:
        """Return an address of the route, of rows that there are."""
        known = self.values | values
        return "/" + PLACE.sub(lambda place: known[place[1] or place[2]], route)


def make_world() -> World:
    """Make everybody and one of everything."""
    people, rows = everybody(), one_of_everything()
    cookies = {who: client_of(user).cookies.output(header="") for who, user in people.items()}
    return World(people, cookies, rows, values_of_pages(rows))


def everybody() -> dict[str, User | None]:
    """Return the people of the matrix."""
    people: dict[str, User | None] = {ANONYMOUS: None}
    people[STRANGER] = person(STRANGER, is_staff=False)
    people[NEWCOMER] = person(NEWCOMER)
    for role in PEOPLE[PEOPLE.index(NEWCOMER) + 1 : PEOPLE.index(ADMIN) + 1]:
        people[role] = person(role, role.capitalize())
    people[ROOT] = User.objects.create_superuser(ROOT)
    return people


def one_of_everything() -> dict[str, Model]:
    """Return a row of each model that the admin knows, as `app.model`."""
    rows = [*_schedules(), *_runs(), *_reports(), *_people(), *_of_packages()]
    return {row._meta.label_lower: row for row in rows}


def _schedules() -> list[Model]:
    minutely = IntervalSchedule.objects.create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(name="Hourly", task="tests.add", interval=minutely)
    set_timer(schedule, due_in_seconds=30)
    with audited(Asker(None, "ada", "command line"), "edit", [schedule.pk], always=True):
        pass
    backfill = Backfill.objects.create(
        schedule=schedule, schedule_name="Hourly", from_at=NOW, before_at=NOW, total=1,
        asked_name="ada", asked_at=NOW,
    )  # fmt: skip
    beat = Beat.objects.create(name="beat@one", host="one", pid=1, started_at=NOW, last_tick_at=NOW)
    return [
        schedule,
        backfill,
        beat,
        LogEntry.objects.get(),
        # Rules that nobody uses, so that they could be deleted.
        IntervalSchedule.objects.create(every=2, period="minutes"),
        CrontabSchedule.objects.create(minute="7"),
        SolarSchedule.objects.create(event="sunset", latitude=1, longitude=1),
        ClockedSchedule.objects.create(clocked_time=NOW),
        Calendar.objects.create(name="Closed"),
        Tag.objects.create(name="night"),
    ]


def _runs() -> list[Model]:
    schedule = PeriodicTask.objects.get()
    run = make_run(schedule=schedule, state=State.FAILED, finished_at=NOW, is_whole=True)
    alert = Alert.objects.create(
        schedule=schedule, schedule_name="Hourly", trouble=Trouble.FAILED, sentence="No room left.",
        told_to="ada@example.org", begun_at=NOW,
    )  # fmt: skip
    return [run, make_worker(), alert]


def _reports() -> list[Model]:
    report = Report.objects.create(slug="days", title="Days")
    SqlDefinition.objects.create(report=report, source="platform", query="SELECT 1 AS day")
    version = Version.objects.create(
        report=report, number=1, due_at=NOW, period_start_at=NOW, period_end_at=NOW + DAY,
        zone="UTC", made_at=NOW, summary="Nothing.", content=to_json(Content("Nothing.", [])),
    )  # fmt: skip
    file = ContentFile(b"a,b\r\n", name="days.csv")
    artefact = Artefact.objects.create(
        version=version, format="csv", file=file, size_bytes=5, sha256="0" * 64
    )
    weather = WeatherObservation.objects.create(
        day=NOW.date(), precipitation_mm=0, highest_celsius=1, lowest_celsius=0,
        wind_metres_per_second=1,
    )  # fmt: skip
    mail = ReportDelivery.objects.create(
        version=version, address="bo@example.org", send_after_at=NOW
    )
    recipient = Subscription.objects.create(report=report, address="bo@example.org")
    tag = ReportTag.objects.create(name="weather")
    return [report, version, artefact, mail, recipient, weather, tag]


def _people() -> list[Model]:
    # Digests are never deleted by hand, and so neither is a person who got some.
    user, reader = person("somebody"), person("reader")
    subscriber = Subscriber.objects.create(user=reader)
    told = Subscriber.objects.create(user=person("told"))
    delivery = Delivery.objects.create(subscriber=told, covered_from=NOW, covered_until=NOW)
    message = FeedbackMessage.objects.create(
        name="Bo", email="bo@example.org", message="Hello", made_at=NOW, try_again_at=NOW,
        sender_key="k",
    )  # fmt: skip
    token, _ = make_token(user, "deploy")
    policy = CleanupPolicy.objects.create(rule="run history")
    group = Group.objects.create(name="finance")
    return [user, token, policy, group, subscriber, delivery, message]


def _of_packages() -> list[Model]:
    asked: dict[str, Any] = {"username": "bo", "ip_address": "192.0.2.1"}
    return [
        AccessAttempt.objects.create(**asked, failures_since_start=1),
        AccessFailureLog.objects.create(**asked),
        AccessLog.objects.create(**asked),
        TaskResult.objects.create(task_id=str(uuid4())),
        GroupResult.objects.create(group_id=str(uuid4()), date_created=NOW, date_done=NOW),
    ]


def values_of_pages(rows: dict[str, Model]) -> dict[str, str]:
    """Return what the places in the addresses stand for; those of the admin are per model."""
    user, report = rows["auth.user"], rows["reports.report"]
    return {
        "token": signing.dumps(rows["digests.subscriber"].pk, salt=UNSUBSCRIBE_SALT),
        "report_id": str(report.pk),
        "run_id": str(rows["runs.run"].pk),
        "schedule_id": str(rows["django_celery_beat.periodictask"].pk),
        "id": str(user.pk),
        "pk": str(rows["beat.backfill"].pk),
        "content_type_id": str(ContentType.objects.get_for_model(Report).pk),
        "object_id": str(report.pk),
    }
