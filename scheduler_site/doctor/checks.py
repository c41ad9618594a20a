"""Every check by its name, bound to the settings of this installation."""

from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from scheduler_site.celery import app
from scheduler_site.doctor.alerts import alerts_findings
from scheduler_site.doctor.broker import broker_findings
from scheduler_site.doctor.configuration import Configuration, configuration_findings
from scheduler_site.doctor.database import database_findings
from scheduler_site.doctor.examination import Check
from scheduler_site.doctor.mail import MailServer, mail_findings
from scheduler_site.doctor.processes import processes_findings
from scheduler_site.doctor.queues import queues_findings
from scheduler_site.doctor.remote_storage import remote_storage_findings
from scheduler_site.doctor.sources import sources_findings
from scheduler_site.doctor.static_files import static_findings
from scheduler_site.doctor.storage import storage_findings
from scheduler_site.doctor.wording import passwords_in

NAMES = (
    "settings",
    "database",
    "broker",
    "processes",
    "queues",
    "alerts",
    "mail",
    "storage",
    "sources",
    "static",
)


def installation_checks() -> dict[str, Check]:
    """Return the checks in the order in which a person mends things."""
    database = settings.DATABASES["default"]
    checks: tuple[Check, ...] = (
        partial(configuration_findings, Configuration.of(settings)),
        partial(database_findings, database),
        partial(broker_findings, app.conf.broker_url),
        partial(processes_findings, app),
        partial(queues_findings, database, settings.QUEUES, settings.WORKER_LEASE_SECONDS),
        partial(alerts_findings, database),
        partial(mail_findings, MailServer.of(settings)),
        partial(remote_storage_findings, default_storage, settings.REPORT_STORAGE)
        if settings.REPORT_STORAGE
        else partial(storage_findings, Path(settings.MEDIA_ROOT)),
        partial(sources_findings, settings.REPORT_SOURCES),
        partial(static_findings, Path(settings.STATIC_ROOT), settings.DEBUG),
    )
    return dict(zip(NAMES, checks, strict=True))


def installation_secrets() -> set[str]:
    """Return what must not be printed, whoever says it."""
    servers = (settings.DATABASE_URL, app.conf.broker_url, settings.CELERY_RESULT_BACKEND)
    urls = (*servers, *settings.REPORT_SOURCES.values())
    keys = {settings.SECRET_KEY, settings.EMAIL_HOST_PASSWORD, settings.REPORT_STORAGE_SECRET}
    return {*keys, *passwords_in(urls)} - {""}
