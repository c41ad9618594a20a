"""The roles: groups of people, and the permissions that each is made with.

They are ordinary groups. A migration makes them once; what a site adds to them or takes away
stays. A later version that needs more permissions gives them by a migration of its own, which
calls `give_roles` again.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.management import create_permissions

RULES = ("clockedschedule", "crontabschedule", "intervalschedule", "solarschedule")
SCHEDULES: Final = {
    "django_celery_beat": ("periodictask", *RULES),
    "beat": ("calendar", "calendarentry", "policy", "scheduledetails", "tag"),
}
RECORDS: Final = {
    "alerts": ("alert",),
    "beat": ("backfill", "backfilloccurrence", "beat", "codeschedule", "timer"),
    "runs": ("attempt", "run", "runlog", "worker"),
    "auditlog": ("logentry",),
}
PEOPLE: Final = {
    "auth": ("group", "user"),
    "beat": ("apitoken",),
    "digests": ("subscriber",),
}
READ_BY_ADMINS: Final = {
    "digests": ("delivery",),
    "feedback": ("feedbackmessage",),
    "reports": ("report", "version", "weatherobservation"),
}
EDITING: Final = ("add", "change", "delete")


def _permissions(models: Mapping[str, tuple[str, ...]], *verbs: str) -> frozenset[str]:
    return frozenset(
        f"{app}.{verb}_{model}"
        for app, names in models.items()
        for model in names
        for verb in verbs
    )


VIEWER: Final = _permissions(SCHEDULES, "view") | _permissions(RECORDS, "view")
OPERATOR: Final = VIEWER | {"beat.operate_schedule", "runs.retry_run", "runs.cancel_run"}
EDITOR: Final = OPERATOR | _permissions(SCHEDULES, *EDITING)
ADMIN: Final = (
    EDITOR
    | _permissions(PEOPLE, "view", *EDITING)
    | _permissions(READ_BY_ADMINS, "view")
    | {"feedback.delete_feedbackmessage"}
    | _permissions({"cleanup": ("cleanuppolicy",)}, "view", "change")
)

ROLES: Final = {"Viewer": VIEWER, "Operator": OPERATOR, "Editor": EDITOR, "Admin": ADMIN}


def give_roles(apps: Any, schema_editor: Any) -> None:
    """Make the groups, and add what they lack of their permissions; nothing is taken away.

    For a migration, which runs before Django makes the permissions of a fresh database: those of
    the models that are there by then are made here. Harmless when repeated.
    """
    alias = schema_editor.connection.alias
    _make_permissions(apps, alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    ids = {
        f"{app}.{codename}": id_
        for id_, app, codename in permissions.values_list(
            "id", "content_type__app_label", "codename"
        )
    }
    for name, wanted in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        # Those of models that come later are given by the migration that comes after them.
        known = sorted(wanted & ids.keys())
        group.permissions.add(*(ids[permission] for permission in known))


def _make_permissions(apps: Any, alias: str) -> None:
    for config in apps.get_app_configs():
        # Django skips apps without models, which it takes these historical ones for.
        config.models_module = True
        create_permissions(config, apps=apps, using=alias, verbosity=0)
        config.models_module = None
