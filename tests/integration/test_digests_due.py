"""Digests that are due by each person's own clock: `digests.send_due`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.digests import tasks
from jobs.digests.delivering import make_due_deliveries
from jobs.digests.models import Delivery, DeliveryState, Subscriber
from jobs.digests.tasks import DigestsPostponedError, send_due
from tests.integration.test_digests import Asked, asked, subscriber
from tests.servers.smtp import SmtpServer

__all__ = ["asked"]

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Eight o'clock in Berlin, on a Saturday.
NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
BERLIN = {"zone": "Europe/Berlin", "hour": 8}


def run_at(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> Any:
    """Return what the task returns for a run that is due then."""
    monkeypatch.setattr(tasks, "due_at", lambda: instant)
    return send_due()


def due_at(instant: datetime) -> set[str]:
    """Return who has a delivery once those that are due then are made."""
    make_due_deliveries(instant)
    return set(Delivery.objects.values_list("subscriber__user__username", flat=True))


def test_each_person_gets_it_at_their_own_hour_and_weekday() -> None:
    told = NOW - timedelta(hours=2)
    subscriber("berlin", covered_until=told, **BERLIN)
    subscriber("later", covered_until=told, zone="Europe/Berlin", hour=9)
    subscriber("tokyo", covered_until=told, zone="Asia/Tokyo", hour=16)
    subscriber("saturdays", covered_until=told, cadence="weekly", weekday=5, **BERLIN)
    subscriber("mondays", covered_until=told, cadence="weekly", weekday=0, **BERLIN)
    subscriber("off", covered_until=told, enabled=False, **BERLIN)
    assert due_at(NOW - timedelta(seconds=1)) == set()
    assert due_at(NOW) == {"berlin", "tokyo", "saturdays"}
    assert due_at(NOW + timedelta(hours=1)) == {"berlin", "tokyo", "saturdays", "later"}


def test_without_a_zone_or_with_an_unknown_one_the_sites_counts(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    for name, zone in (("none", ""), ("unknown", "Mars/Olympus")):
        subscriber(name, zone=zone, hour=12, covered_until=NOW - timedelta(hours=2))
    assert due_at(NOW - timedelta(hours=1)) == set()
    assert due_at(NOW) == {"none", "unknown"}


def test_a_late_run_tells_the_whole_span_once_up_to_the_hour(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber("ada", covered_until=NOW - 3 * DAY, **BERLIN)
    late = NOW + timedelta(hours=5)
    assert run_at(monkeypatch, late) == {"sent": 1}
    assert asked.spans == [(NOW - 3 * DAY, NOW)]
    assert run_at(monkeypatch, late + timedelta(minutes=15)) == {}
    assert run_at(monkeypatch, NOW + DAY) == {"sent": 1}
    assert asked.spans[-1] == (NOW, NOW + DAY)


def test_a_run_of_an_instant_that_is_over_sends_nothing_again(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber("ada", covered_until=NOW, **BERLIN)
    assert run_at(monkeypatch, NOW - timedelta(hours=1)) == {}
    assert smtp.messages == []


def test_after_a_change_of_the_hour_the_next_one_is_waited_for() -> None:
    subscriber("ada", covered_until=NOW - DAY, due_after_at=NOW + timedelta(minutes=1), **BERLIN)
    assert due_at(NOW + timedelta(hours=3)) == set()
    assert due_at(NOW + DAY) == {"ada"}


def test_who_was_put_off_by_the_mail_server_gets_it_with_the_next_run(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.greylisted = 1
    subscriber("ada", covered_until=NOW - DAY, **BERLIN)
    assert run_at(monkeypatch, NOW) == {"waiting": 1}
    assert run_at(monkeypatch, NOW + timedelta(minutes=15)) == {"sent": 1}
    assert smtp.recipients == ["ada@example.org"]


def test_a_server_that_is_away_fails_the_run_and_the_next_one_sends(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        subscriber(f"reader{number}", covered_until=NOW - DAY, **BERLIN)
    smtp.stop()
    with pytest.raises(DigestsPostponedError, match="4 digests still wait"):
        run_at(monkeypatch, NOW)
    smtp.start()
    assert run_at(monkeypatch, NOW + timedelta(minutes=15)) == {"sent": 4}


def test_nothing_new_is_a_mail_only_for_who_wants_it(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.section = None
    subscriber("ada", covered_until=NOW - DAY, **BERLIN)
    subscriber("bob", covered_until=NOW - DAY, wants_empty=True, **BERLIN)
    assert run_at(monkeypatch, NOW) == {"sent": 1, "nothing_to_say": 1}
    assert smtp.recipients == ["bob@example.org"]
    [mail] = smtp.messages
    assert mail["Subject"] == "Digest of 21 November 2026: nothing new"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Nothing new" in text.get_content()


def test_a_section_that_is_not_wanted_is_left_out_for_that_person(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber("ada", covered_until=NOW - DAY, unwanted_sections=["make"], **BERLIN)
    subscriber("bob", covered_until=NOW - DAY, **BERLIN)
    assert run_at(monkeypatch, NOW) == {"sent": 1, "nothing_to_say": 1}
    assert smtp.recipients == ["bob@example.org"]


def test_the_times_in_the_mail_are_those_of_the_persons_zone(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber("ada", covered_until=NOW - DAY, zone="Asia/Tokyo", hour=16)
    run_at(monkeypatch, NOW)
    text = smtp.messages[0].get_body(("plain",))
    assert text is not None
    words = "News from 20 November 2026, 16:00 to 21 November 2026, 16:00 (Asia/Tokyo)"
    assert words in text.get_content()


def test_who_left_or_went_meanwhile_gets_nothing(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("left", "gone"):
        subscriber(name, covered_until=NOW - DAY, **BERLIN)
    make_due_deliveries(NOW)
    Subscriber.objects.filter(user__username="left").update(enabled=False)
    gone = Subscriber.objects.get(user__username="gone").user
    gone.is_active = False
    gone.save()
    assert run_at(monkeypatch, NOW) == {}
    assert smtp.messages == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.WAITING}


def test_what_sections_have_in_common_is_asked_for_once_per_span(
    smtp: SmtpServer, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        subscriber(f"reader{number}", covered_until=NOW - DAY, **BERLIN)
    assert run_at(monkeypatch, NOW) == {"sent": 10}
    assert len(asked.spans) == 1
