"""Django's settings, made from the environment (`scheduler_site.environment`) and nothing else.

Production is the default: with DEBUG off a missing secret key or host list ends the start.
"""

import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from scheduler_site import admin_look, version
from scheduler_site.environment import InvalidEnvironmentError, current_environment
from scheduler_site.logging_setup import logging_configuration
from scheduler_site.report_storage import report_storage

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = version.VERSION

try:
    _environment = current_environment()
except InvalidEnvironmentError as problem:
    raise ImproperlyConfigured(str(problem)) from None


def _unusable(folder: Path, problem: OSError) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"The folder {folder} cannot be used ({problem}). "
        "Make it writable, or set VAR_DIR to a folder that is."
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unusable(folder, problem) from None


def _development_secret_key(folder: Path) -> str:
    """Return the key kept in `folder`, made on the first call: sessions outlive a restart."""
    _make_folder(folder)
    path = folder / "secret-key"
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50), encoding="ascii")
        return path.read_text(encoding="ascii")
    except OSError as problem:
        raise _unusable(folder, problem) from None


def _require_in_production() -> None:
    """Raise ImproperlyConfigured with a sentence for all that production lacks."""
    missing = []
    if len(SECRET_KEY) < 32:
        missing.append("SECRET_KEY (or SECRET_KEY_FILE): 50 random characters; 32 at the least.")
    if not ALLOWED_HOSTS:
        missing.append("ALLOWED_HOSTS: the host names of the web pages, with commas.")
    if missing:
        raise ImproperlyConfigured(
            "Production (DEBUG off) needs these variables. " + " ".join(missing)
        )


def _databases() -> dict[str, dict[str, Any]]:
    """Return DATABASES: PostgreSQL from DATABASE_URL, or SQLite in VAR_DIR."""
    url = DATABASE_URL or f"sqlite:///{VAR_DIR / 'punctual.sqlite3'}"
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError) as problem:
        raise ImproperlyConfigured(
            f"DATABASE_URL: its value is not valid ({problem}); "
            "write postgresql://user:password@host:5432/name or sqlite:////path/to/file."
        ) from None
    if not database["NAME"]:
        raise ImproperlyConfigured(
            "DATABASE_URL: it names no database; "
            "write postgresql://user:password@host:5432/name or sqlite:////path/to/file."
        )
    if database["ENGINE"] == "django.db.backends.sqlite3":
        _make_folder(Path(database["NAME"]).parent)
        database["OPTIONS"] = SQLITE_OPTIONS | database.get("OPTIONS", {})
    else:
        database["CONN_MAX_AGE"] = 60
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = _postgresql_options() | database.get("OPTIONS", {})
    return {"default": database}


def _postgresql_options() -> dict[str, Any]:
    """Return what psycopg and libpq are told unless the address says otherwise."""
    return {
        # A host that does not answer at all must not hold a tick of beat or a page for the two
        # minutes that the kernel tries (libpq's default is no limit). Per host where the URL
        # names several.
        "connect_timeout": 5,
        # With None nothing is ever prepared; nothing reaches the number by being repeated.
        "prepare_threshold": 1_000_000 if _environment["DATABASE_PREPARED_STATEMENTS"] else None,
    }


def _job_apps() -> list[str]:
    """Return every package `jobs/<name>` that has an apps.py: a new job needs no entry here."""
    return sorted(f"jobs.{path.parent.name}" for path in BASE_DIR.glob("jobs/*/apps.py"))


# IMMEDIATE takes the write lock when a transaction begins: a later upgrade of a read lock
# fails at once with "database is locked" and no timeout helps (SQLite, "Transactions").
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


DEBUG: bool = _environment["DEBUG"]
VAR_DIR = Path(_environment["VAR_DIR"] or BASE_DIR / "var")
SECRET_KEY: str = _environment["SECRET_KEY"]
ALLOWED_HOSTS: list[str] = _environment["ALLOWED_HOSTS"]
if DEBUG:
    SECRET_KEY = SECRET_KEY or _development_secret_key(VAR_DIR)
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
else:
    _require_in_production()
CSRF_TRUSTED_ORIGINS: list[str] = _environment["CSRF_TRUSTED_ORIGINS"]
SITE_URL: str = _environment["SITE_URL"]

INSTALLED_APPS = [
    # Before unfold, whose shell of the admin it completes.
    "scheduler_site",
    "unfold",
    "unfold.contrib.filters",
    "scheduler_site.administration.AdminOfPagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_celery_results",
    "django_htmx",
    "axes",
    "csp",
    "auditlog",
    "beat",
    "beat.access",
    *_job_apps(),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "scheduler_site.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "scheduler_site.urls"
WSGI_APPLICATION = "scheduler_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "scheduler_site.navigation.navigation",
            ],
        },
    },
]

DATABASE_URL: str = _environment["DATABASE_URL"]
DATABASES = _databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["scheduler_site.formats"]
USE_I18N = True
TIME_ZONE: str = _environment["TIME_ZONE"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_root"
MEDIA_ROOT = VAR_DIR / "artefacts"
STORAGES = {
    "default": report_storage(_environment),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# SMTP; a rehearsal's mail goes to the one who asked for it.
EMAIL_BACKEND = "jobs.mails.rehearsed.RehearsalAwareBackend"
EMAIL_HOST: str = _environment["EMAIL_HOST"]
EMAIL_PORT: int = _environment["EMAIL_PORT"]
EMAIL_HOST_USER: str = _environment["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD: str = _environment["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS: bool = _environment["EMAIL_SECURITY"] == "starttls"
EMAIL_USE_SSL: bool = _environment["EMAIL_SECURITY"] == "tls"
EMAIL_TIMEOUT: int = _environment["EMAIL_TIMEOUT_SECONDS"]
DEFAULT_FROM_EMAIL: str = _environment["DEFAULT_FROM_EMAIL"]
CAUGHT_MAIL_DIR: str = _environment["CAUGHT_MAIL_DIR"]
ALERTS_TO: list[str] = _environment["ALERTS_TO"]

REDIS_URL: str = _environment["REDIS_URL"]
CELERY_BROKER_URL: str = _environment["CELERY_BROKER_URL"] or REDIS_URL
CELERY_RESULT_BACKEND: str | None = _environment["CELERY_RESULT_BACKEND"] or None
# Without a backend there is nothing to expire, and no need for the schedule that Celery adds.
CELERY_RESULT_EXPIRES = 86_400 if CELERY_RESULT_BACKEND else None
CELERY_BEAT_SCHEDULER = "beat.scheduler:PunctualScheduler"
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_TRACK_STARTED = True
# `celery inspect ping` and `manage.py doctor` see beat too.
CELERY_BEAT_ENABLE_REMOTE_CONTROL = True
# What a worker takes from when it is started without -Q. A queue that only a schedule names is
# made when it is first used, and needs a worker that names it too.
CELERY_TASK_DEFAULT_QUEUE = "default"
QUEUES = (CELERY_TASK_DEFAULT_QUEUE, "mail", "heavy")
# Without an exchange and a key of its own Celery binds each to those of the default queue: what
# a schedule sends to that exchange would be executed three times over.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
# Where a task goes unless its schedule or its caller names a queue: mails wait for a slow SMTP
# server and reports for the database, and neither keeps other work waiting.
CELERY_TASK_ROUTES = {
    "alerts.*": {"queue": "mail"},
    "digests.*": {"queue": "mail"},
    "feedback.*": {"queue": "mail"},
    # Names come before patterns.
    "reports.deliver": {"queue": "mail"},
    "reports.*": {"queue": "heavy"},
}
CELERY_BEAT_SCHEDULE = {
    # Mails that wait for a reader's local time, a greylisting server or their domain's limit.
    "Deliver reports": {"task": "reports.deliver", "schedule": 60},
    # Tells whom the policies of schedules name: failed, late, slow, and over.
    "Alerts": {"task": "alerts.watch", "schedule": 60},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Take only what can start now: a message held back would wait for the visibility timeout
# (an hour) if the connection broke meanwhile. Redis only; ignored with a warning elsewhere.
CELERY_WORKER_DISABLE_PREFETCH = True
# celery 5.7.0 alone exits when Redis restarts under a busy worker.
CELERY_WORKER_CONSUMER = "jobs.runs.worker.consuming.consumer:RefusingConsumer"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A publisher on a dead Redis must fail at once: with Celery's defaults a web request or a tick
# of beat hangs for many seconds per message.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
_REDIS_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10, "socket_keepalive": True}
# RabbitMQ says of each message that it has it: else a run would count as sent when the
# connection broke after the last byte was written.
_RABBITMQ_OPTIONS = {"confirm_publish": True, "write_timeout": 10}
CELERY_BROKER_TRANSPORT_OPTIONS = (
    _RABBITMQ_OPTIONS if CELERY_BROKER_URL.startswith("amqp") else _REDIS_OPTIONS
)
DJANGO_CELERY_BEAT_TZ_AWARE = True
BEAT_STALL_SECONDS: int = _environment["BEAT_STALL_SECONDS"]
BEAT_SILENT_SECONDS: int = _environment["BEAT_SILENT_SECONDS"]
# Workers and beats have to agree about the lease.
WORKER_LEASE_SECONDS: int = _environment["WORKER_LEASE_SECONDS"]
WORKER_GRACE_SECONDS: int = _environment["WORKER_GRACE_SECONDS"]

RUN_RETENTION_DAYS: int = _environment["RUN_RETENTION_DAYS"]
RUN_FAILURE_RETENTION_DAYS: int = _environment["RUN_FAILURE_RETENTION_DAYS"]
REPORT_VERSIONS_KEPT: int = _environment["REPORT_VERSIONS_KEPT"]
REPORT_STORAGE: str = _environment["REPORT_STORAGE"]
REPORT_LINK_SECONDS: int = _environment["REPORT_LINK_SECONDS"]
REPORT_STORAGE_SECRET: str = _environment["REPORT_STORAGE_SECRET"]
REPORT_SHARING: bool = _environment["REPORT_SHARING"]
REPORT_SOURCES: dict[str, str] = _environment["REPORT_SOURCES"]
REPORT_SQL_SECONDS: int = _environment["REPORT_SQL_SECONDS"]
REPORT_SQL_ROWS: int = _environment["REPORT_SQL_ROWS"]
REPORT_ATTACHMENTS_KB: int = _environment["REPORT_ATTACHMENTS_KB"]
REPORT_BOUNCE_ADDRESS: str = _environment["REPORT_BOUNCE_ADDRESS"]
MAILS_PER_MINUTE_PER_DOMAIN: int = _environment["MAILS_PER_MINUTE_PER_DOMAIN"]
# Whoever may save such a schedule may do on a worker's machine what its account may.
COMMANDS_ENABLED: bool = _environment["COMMANDS_ENABLED"]
FEEDBACK_RETENTION_DAYS: int = _environment["FEEDBACK_RETENTION_DAYS"]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "SAMEORIGIN"
if _environment["BEHIND_TLS_PROXY"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

UNFOLD = admin_look.UNFOLD

LOGGING = logging_configuration(_environment["LOG_FORMAT"], _environment["LOG_LEVEL"])
LOGGING_CONFIG = "scheduler_site.logging_setup.configure"
