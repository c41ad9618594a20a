"""Who may do what on every page of the site: the least of them, in this order.

Whoever comes after may it too. NOBODY: no page for anybody, or a method that it does not know.
A new address needs an entry here, else the test of the matrix fails.
"""

import os
from typing import NamedTuple

ANONYMOUS = "anonymous"
# Signs in, but may not enter the admin.
STRANGER = "stranger"
# May enter the admin, and is in no group.
NEWCOMER = "newcomer"
VIEWER = "viewer"
OPERATOR = "operator"
EDITOR = "editor"
ADMIN = "admin"
# A superuser. Not the role of that name: nothing is given to it by a group.
ROOT = "root"
PEOPLE = (ANONYMOUS, STRANGER, NEWCOMER, VIEWER, OPERATOR, EDITOR, ADMIN, ROOT)
NOBODY = "nobody"


class Page(NamedTuple):
    """The least who may GET and POST an address; `values` fill it in, `query` goes with it."""

    get: str
    post: str = NOBODY
    values: dict[str, str] = {}
    query: str = ""


class Rows(NamedTuple):
    """The least who may view, add, change and delete rows of a model in the admin."""

    view: str
    add: str = NOBODY
    change: str = NOBODY
    delete: str = NOBODY


# Deleting a schedule asks on the page of that action, to which the admin's own page leads.
ASKED_ELSEWHERE = NEWCOMER

ROWS = {
    "django_celery_beat.periodictask": Rows(VIEWER, EDITOR, EDITOR, ASKED_ELSEWHERE),
    "django_celery_beat.clockedschedule": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    "django_celery_beat.crontabschedule": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    "django_celery_beat.intervalschedule": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    "django_celery_beat.solarschedule": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    "beat.calendar": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    "beat.tag": Rows(VIEWER, EDITOR, EDITOR, EDITOR),
    # A token is never changed: it is revoked, and another one is made.
    "beat.apitoken": Rows(ADMIN, ADMIN, NOBODY, ADMIN),
    # Its page only shows, whatever is posted.
    "beat.backfill": Rows(VIEWER, change=VIEWER),
    "beat.beat": Rows(VIEWER),
    "alerts.alert": Rows(VIEWER),
    "runs.run": Rows(VIEWER),
    "runs.worker": Rows(VIEWER),
    "auditlog.logentry": Rows(VIEWER),
    "auth.user": Rows(ADMIN, ADMIN, ADMIN, ADMIN),
    "auth.group": Rows(ADMIN, ADMIN, ADMIN, ADMIN),
    # The rules are in the code: each has its policy, which is only changed.
    "cleanup.cleanuppolicy": Rows(ADMIN, change=ADMIN),
    "digests.subscriber": Rows(ADMIN, ADMIN, ADMIN, ADMIN),
    "digests.delivery": Rows(ADMIN),
    "feedback.feedbackmessage": Rows(ADMIN, delete=ADMIN),
    # Writing one in SQL takes a permission that is in no role.
    "reports.report": Rows(ADMIN, ROOT, ROOT),
    "reports.reportdelivery": Rows(ROOT),
    "reports.subscription": Rows(ADMIN, ROOT, ROOT, ROOT),
    "reports.reporttag": Rows(ROOT, ROOT, ROOT, ROOT),
    "reports.version": Rows(ADMIN),
    "reports.weatherobservation": Rows(ADMIN),
    "axes.accessattempt": Rows(ROOT, change=ROOT, delete=ROOT),
    "axes.accessfailurelog": Rows(ROOT, change=ROOT, delete=ROOT),
    "axes.accesslog": Rows(ROOT, change=ROOT, delete=ROOT),
    "django_celery_results.groupresult": Rows(ROOT, ROOT, ROOT, ROOT),
    "django_celery_results.taskresult": Rows(ROOT, ROOT, ROOT, ROOT),
}

SCHEDULES = "admin/django_celery_beat/periodictask/"
PAGES = {
    # The site. Whoever signs in reads the history of runs. Reports are for groups of readers, and
    # have a table of their own in test_reports_access.py.
    "": Page(STRANGER),
    "healthz": Page(ANONYMOUS),
    "login/": Page(ANONYMOUS, ANONYMOUS),
    "logout/": Page(NOBODY, ANONYMOUS),
    "cleanup/": Page(NEWCOMER),
    "digests/": Page(STRANGER, STRANGER),
    "digests/unsubscribe/<str:token>/": Page(ANONYMOUS, ANONYMOUS),
    "feedback/": Page(ANONYMOUS, ANONYMOUS),
    "feedback/thanks/": Page(ANONYMOUS),
    "runs/": Page(VIEWER),
    "runs/workers/": Page(NEWCOMER),
    "runs/<uuid:run_id>/": Page(VIEWER),
    "runs/<uuid:run_id>/retry/": Page(OPERATOR, OPERATOR),
    "runs/<uuid:run_id>/cancel/": Page(OPERATOR, OPERATOR),
    # The API knows tokens, which have tests of their own; whoever is signed in has none.
    "api/v1/": Page(NOBODY, NOBODY),
    "api/v1/openapi.json": Page(ANONYMOUS, ANONYMOUS),
    "api/v1/schedules": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/run": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/pause": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/resume": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/rehearse": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/skip-next": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/undo-skip": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/backfill": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/retry-failed": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/cancel-runs": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/enable": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/disable": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/duplicate": Page(NOBODY, NOBODY),
    "api/v1/schedules/<int:schedule_id>/runs": Page(NOBODY, NOBODY),
    "api/v1/runs/<uuidstr:run_id>": Page(NOBODY, NOBODY),
    # The admin's own.
    "admin/": Page(NEWCOMER, NEWCOMER),
    "admin/login/": Page(ANONYMOUS, ANONYMOUS),
    "admin/password_change/": Page(NEWCOMER, NEWCOMER),
    "admin/password_change/done/": Page(NEWCOMER),
    "admin/search/": Page(NEWCOMER, NEWCOMER, query="s=Hourly"),
    "admin/jsi18n/": Page(NEWCOMER),
    "admin/autocomplete/": Page(
        ADMIN, query="app_label=digests&model_name=subscriber&field_name=user"
    ),
    "admin/r/<path:content_type_id>/<path:object_id>/": Page(NEWCOMER, NEWCOMER),
    "admin/(?P<url>.*)$": Page(NOBODY, NOBODY, {"url": "nothing-here"}),
    "admin/auth/user/<id>/password/": Page(ADMIN, ADMIN),
    "admin/reports/report/sql/add/": Page(ROOT, ROOT),
    "admin/reports/report/<int:report_id>/sql/": Page(ROOT, ROOT),
    "admin/reports/report/<int:report_id>/sql/remove/": Page(ROOT, ROOT),
    # Schedules.
    f"{SCHEDULES}lints/": Page(VIEWER, VIEWER),
    f"{SCHEDULES}<int:schedule_id>/code/": Page(VIEWER, EDITOR),
    f"{SCHEDULES}preview/": Page(NOBODY, VIEWER),
    f"{SCHEDULES}arguments/": Page(NOBODY, VIEWER),
    "admin/beat/backfill/<int:pk>/cancel/": Page(OPERATOR, OPERATOR),
}

# The page of each action on schedules, and the action in the list that leads to it.
ACTIONS = {
    "run": OPERATOR,
    "rehearse": OPERATOR,
    "pause": OPERATOR,
    "resume": OPERATOR,
    "skip-next": OPERATOR,
    "undo-skip": OPERATOR,
    "backfill": OPERATOR,
    "retry-failed": OPERATOR,
    "cancel-runs": OPERATOR,
    "enable": EDITOR,
    "disable": EDITOR,
    "duplicate": EDITOR,
    "delete": EDITOR,
}

# The bulk actions of every list in the admin: by model, the least who is offered each.
DELETABLE = {
    model: rows.delete
    for model, rows in ROWS.items()
    if rows.delete not in (NOBODY, ASKED_ELSEWHERE)
}
BULK_ACTIONS: dict[str, dict[str, str]] = {
    **{model: {} for model in ROWS},
    **{model: {"delete_selected": least} for model, least in DELETABLE.items()},
    "django_celery_beat.periodictask": ACTIONS,
    "runs.run": {"retry_selected": OPERATOR, "cancel_selected": OPERATOR},
    "axes.accessattempt": {"delete_selected": ROOT, "cleanup_expired_attempts": ROOT},
    "beat.apitoken": {"delete_selected": ADMIN, "revoke": ADMIN},
}

# The API, by method and address, for who sends the token of a person.
API = {
    ("get", "api/v1/openapi.json"): ANONYMOUS,
    ("get", "api/v1/"): NOBODY,
    ("get", "api/v1/schedules"): VIEWER,
    ("post", "api/v1/schedules"): EDITOR,
    ("get", "api/v1/schedules/<int:schedule_id>"): VIEWER,
    ("patch", "api/v1/schedules/<int:schedule_id>"): EDITOR,
    ("post", "api/v1/schedules/<int:schedule_id>/run"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/pause"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/resume"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/rehearse"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/skip-next"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/undo-skip"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/backfill"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/retry-failed"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/cancel-runs"): OPERATOR,
    ("post", "api/v1/schedules/<int:schedule_id>/enable"): EDITOR,
    ("post", "api/v1/schedules/<int:schedule_id>/disable"): EDITOR,
    ("post", "api/v1/schedules/<int:schedule_id>/duplicate"): EDITOR,
    ("delete", "api/v1/schedules/<int:schedule_id>"): EDITOR,
    ("get", "api/v1/schedules/<int:schedule_id>/runs"): VIEWER,
    ("get", "api/v1/runs/<uuidstr:run_id>"): VIEWER,
}


def may(who: str, least: str) -> bool:
    """Return whether this person comes at or after the least who may."""
    return least != NOBODY and PEOPLE.index(who) >= PEOPLE.index(least)


def asked(*least: str) -> list[str]:
    """Return whom a test asks about these: the least who may, the one before, and both ends.

    Everybody with `PERMISSION_MATRIX=everybody`, which takes a minute. Who comes later may all
    that one before may: that each role has the permissions of the one before, and more, has a
    test of its own.
    """
    if os.environ.get("PERMISSION_MATRIX") == "everybody":
        return list(PEOPLE)
    places = [PEOPLE.index(who) for who in least if who != NOBODY]
    near = {place for each in places for place in (each - 1, each) if place >= 0}
    return [PEOPLE[place] for place in sorted(near | {0, len(PEOPLE) - 1})]
