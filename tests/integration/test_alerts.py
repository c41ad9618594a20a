"""People are told once when a schedule is in trouble, and once when it is in order again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from beat.forms.policies import PolicyForm
from beat.models import Policy, Timer
from jobs.alerts.models import Alert, AlertMail, Telling
from jobs.alerts.retention import old_alerts, old_mails
from jobs.alerts.telling import tell
from jobs.alerts.troubles import LOOKED_BACK
from jobs.alerts.watching import watch
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.integration.alerting import asking, ended, look
from tests.integration.outgoing_runs import NOW, make_run, make_schedule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("state", [State.FAILED, State.LOST, State.MISSED, State.EXPIRED])
def test_what_failed_or_did_not_happen_is_told_once_and_its_recovery_too(state: State) -> None:
    schedule = asking()
    run = ended(schedule, state, 5)
    watch(NOW)
    tell(NOW)
    [message] = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "Weather failed")
    assert "No room left." in message.body
    assert reverse("runs:run", args=[run.id]) in message.body
    mail.outbox.clear()
    assert look(NOW + timedelta(minutes=1)) == []
    ended(schedule, State.SUCCEEDED, 1)
    assert look(NOW + timedelta(minutes=2)) == ["In order again: Weather"]
    assert look(NOW + timedelta(minutes=3)) == []
    assert Alert.objects.get().over_at == NOW + timedelta(minutes=2)


def test_what_says_nothing_about_a_schedule_alarms_nobody() -> None:
    schedule = asking()
    ended(schedule, State.SUCCEEDED, 9)
    ended(schedule, State.SKIPPED, 5)
    ended(schedule, State.CANCELLED, 4)
    ended(schedule, State.FAILED, 3, kind=Kind.REHEARSAL)
    ended(schedule, State.FAILED, 2, kind=Kind.BACKFILL)
    assert look() == []


def test_a_failed_run_that_was_started_again_by_hand_and_succeeded_is_in_order() -> None:
    schedule = asking()
    ended(schedule, State.FAILED, 5)
    assert look() == ["Weather failed"]
    ended(schedule, State.SUCCEEDED, 5, kind=Kind.RETRY, finished_at=NOW)
    assert look() == ["In order again: Weather"]


def test_what_is_due_and_does_not_start_is_late_until_it_starts() -> None:
    schedule = asking(alert_late_after_seconds=300)
    run = make_run(4, schedule=schedule)
    assert look() == []
    assert look(NOW + timedelta(minutes=1)) == ["Weather is late"]
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING, started_at=NOW)
    assert look(NOW + timedelta(minutes=2)) == ["In order again: Weather"]


def test_what_no_beat_has_claimed_is_late_too() -> None:
    schedule = asking(alert_late_after_seconds=300)
    due_at = NOW - timedelta(minutes=5)
    Timer.objects.filter(schedule=schedule).update(due_at=due_at, is_stale=False)
    assert look() == ["Weather is late"]


def test_a_run_that_takes_too_long_is_told_while_it_runs() -> None:
    schedule = asking(alert_slow_after_seconds=600)
    started_at = NOW - timedelta(minutes=10)
    make_run(10, schedule=schedule, state=State.RUNNING, started_at=started_at)
    assert look() == ["Weather takes too long"]
    Run.objects.update(state=State.SUCCEEDED, finished_at=NOW)
    assert look() == ["In order again: Weather"]


def test_nobody_is_told_of_what_the_policy_does_not_ask_for() -> None:
    ended(asking("Without failures", alert_on_failure=False), State.FAILED, 5)
    ended(asking("For nobody", alert_to=""), State.FAILED, 5)
    off = asking("Off")
    ended(off, State.FAILED, 5)
    PeriodicTask.objects.filter(pk=off.pk).update(enabled=False)
    assert look() == []
    assert not Alert.objects.exists()


def test_the_end_of_what_is_not_asked_for_any_more_is_told_to_nobody() -> None:
    schedule = asking()
    ended(schedule, State.FAILED, 5)
    assert look() == ["Weather failed"]
    Policy.objects.update(alert_to="")
    assert look() == []
    assert Alert.objects.get().is_over
    assert Telling.objects.exists(), "who was told stays on record"
    schedule.delete()
    assert look() == []


def test_failures_of_schedules_that_name_nobody_are_told_by_default(settings: Settings) -> None:
    settings.ALERTS_TO = ["ops@example.org", "night@example.org"]
    ended(make_schedule("Without policy"), State.FAILED, 5)
    ended(asking("For nobody", alert_to=""), State.MISSED, 5)
    ended(asking("Without failures", alert_to="", alert_on_failure=False), State.FAILED, 5)
    assert look() == ["2 schedules are in trouble"] * 2
    ended(asking("For Ada"), State.FAILED, 5)
    watch(NOW)
    tell(NOW)
    [message] = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "For Ada failed")


def test_old_failures_begin_no_alert_and_end_none(settings: Settings) -> None:
    ended(asking(), State.FAILED, 5)
    assert look() == ["Weather failed"]
    later = NOW + LOOKED_BACK + timedelta(days=1)
    assert look(later) == []
    settings.ALERTS_TO = ["ops@example.org"]
    ended(make_schedule("Forgotten"), State.FAILED, 5)
    assert look(later) == []
    assert Alert.objects.get().over_at is None


def test_a_schedule_that_was_set_aside_is_told_until_it_is_computed_again() -> None:
    schedule = asking()
    timer = Timer.objects.filter(schedule=schedule)
    timer.update(is_stale=False, set_aside_reason="never_due", set_aside_text="Edit the rule.")
    watch(NOW)
    tell(NOW)
    [message] = mail.outbox
    assert message.subject == "Weather was set aside"
    assert "Edit the rule." in message.body
    mail.outbox.clear()
    timer.update(set_aside_reason="", set_aside_text="")
    assert look(NOW + timedelta(minutes=1)) == ["In order again: Weather"]


def test_the_failure_of_a_once_only_schedule_is_told_though_beat_switched_it_off() -> None:
    schedule = asking()
    PeriodicTask.objects.filter(pk=schedule.pk).update(one_off=True, enabled=False)
    ended(schedule, State.FAILED, 5)
    assert look() == ["Weather failed"]


def test_two_who_look_at_the_same_time_begin_one_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = asking()
    ended(schedule, State.FAILED, 5)
    look()
    alert = Alert.objects.get()
    # What another one has begun since this one read the alerts.
    monkeypatch.setattr("jobs.alerts.watching._going_on", list)
    assert look() == []
    assert Alert.objects.get() == alert


def test_old_alerts_and_mails_are_deleted_but_not_what_goes_on() -> None:
    long_ago, limit = NOW - timedelta(days=400), 10
    values = {"schedule_name": "Weather", "trouble": "failed", "begun_at": long_ago}
    kept = [Alert.objects.create(**values, over_at=over_at) for over_at in (None, NOW)]
    Alert.objects.create(**values, over_at=long_ago)
    under_way = AlertMail.objects.create(address="ada@example.org", made_at=long_ago)
    AlertMail.objects.create(address="ada@example.org", made_at=long_ago, settled_at=long_ago)
    assert (old_alerts(NOW, limit, False).count, old_mails(NOW, limit, False).count) == (1, 1)
    assert list(Alert.objects.order_by("pk")) == kept
    assert list(AlertMail.objects.all()) == [under_way]


def test_an_address_that_is_none_is_refused_by_the_form() -> None:
    values = {name: "1" for name in PolicyForm().fields if name.endswith("seconds")}
    form = PolicyForm({**values, "alert_to": "ada@example.org\nnobody"})
    assert "“nobody” is no e-mail address" in str(form.errors["alert_to"])


def test_the_page_of_a_schedule_tells_of_its_trouble(admin_client: Client) -> None:
    schedule = asking()
    ended(schedule, State.FAILED, 5)
    look()
    page = reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])
    html = admin_client.get(page).content.decode()
    assert "It failed" in html
    assert "Told to ada@example.org" in html


def test_the_list_of_alerts_is_narrowed_by_how_they_stand_and_home_leads_there(
    admin_client: Client, viewer_client: Client
) -> None:
    ended(asking("Nightly"), State.FAILED, 5)
    mended = asking("Weekly")
    ended(mended, State.FAILED, 5)
    look()
    assert "2 alerts go on" in admin_client.get("/").content.decode()
    assert "alerts go on" not in viewer_client.get("/").content.decode()
    ended(mended, State.SUCCEEDED, 1)
    look(NOW + timedelta(minutes=1))
    address = reverse("admin:alerts_alert_changelist")
    for standing, shown, hidden in (("on", "Nightly", "Weekly"), ("over", "Weekly", "Nightly")):
        html = admin_client.get(address, {"standing": standing}).content.decode()
        assert f"{shown} failed" in html
        assert f"{hidden} failed" not in html
    assert "Weekly failed" in admin_client.get(address, {"schedule": mended.pk}).content.decode()
