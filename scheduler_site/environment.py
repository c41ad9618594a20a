"""The settings that operators may set, and how their values are read from the environment.

Every variable stands once, in `VARIABLES`, with its type, default and a sentence; docs/settings.md
is written from it. `read_environment` checks all of them at once, so that a person mends
a wrong configuration in one go instead of one restart per mistake.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler_site.environment_values import (
    address,
    boolean,
    choice,
    mail_addresses,
    named_addresses,
    text,
    time_zone,
    way_back,
    whole_number,
    words,
)

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Variable:
    """One environment variable: `read` turns its text into a value or raises ValueError."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    secret: bool = False


class InvalidEnvironmentError(Exception):
    """One or more variables are wrong; the message holds a sentence for each."""


DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
REDIS_SCHEMES = ("redis", "rediss", "redis+socket")
BROKER_SCHEMES = (*REDIS_SCHEMES, "sentinel", "amqp", "amqps")
DAYS = whole_number(1, 36_500)

VARIABLES = (
    Variable("DEBUG", boolean, "0", "1 on a developer's machine: details of errors are shown."),
    Variable(
        "SECRET_KEY", text, "", "Signs sessions and links. 50 random characters.", secret=True
    ),
    Variable("ALLOWED_HOSTS", words, "", "Host names that the web pages answer to, with commas."),
    Variable("CSRF_TRUSTED_ORIGINS", words, "", "Origins with scheme behind a proxy, with commas."),
    Variable(
        "SITE_URL",
        address("http", "https"),
        "http://127.0.0.1:8000",
        "Public address of the pages; links in mails begin with it.",
    ),
    Variable("BEHIND_TLS_PROXY", boolean, "0", "1 when a proxy ends TLS: secure cookies, HSTS."),
    Variable(
        "DATABASE_URL",
        address(*DATABASE_SCHEMES),
        "",
        "postgresql://user:password@host/name; empty: SQLite in VAR_DIR. "
        "A host that does not answer is given up after 5 s, or as `?connect_timeout=` says.",
        secret=True,
    ),
    Variable(
        "DATABASE_PREPARED_STATEMENTS",
        boolean,
        "1",
        "0 where a pooler hands a connection on after each transaction and knows nothing of "
        "prepared statements (PgBouncer before 1.21); workers then need more CPU per run.",
    ),
    Variable(
        "REDIS_URL",
        address(*REDIS_SCHEMES),
        "redis://127.0.0.1:6379/0",
        "The Redis that carries the messages.",
        secret=True,
    ),
    Variable(
        "CELERY_BROKER_URL",
        address(*BROKER_SCHEMES),
        "",
        "The broker when it is not REDIS_URL (RabbitMQ, Sentinel).",
        secret=True,
    ),
    Variable(
        "CELERY_RESULT_BACKEND",
        text,
        "",
        "Celery result backend for those who ask for results; empty: none is needed.",
        secret=True,
    ),
    Variable("EMAIL_HOST", text, "127.0.0.1", "Host of the SMTP server."),
    Variable("EMAIL_PORT", whole_number(1, 65_535), "25", "Port of the SMTP server."),
    Variable("EMAIL_HOST_USER", text, "", "User at the SMTP server; empty: no login."),
    Variable("EMAIL_HOST_PASSWORD", text, "", "Password at the SMTP server.", secret=True),
    Variable("EMAIL_SECURITY", choice("none", "starttls", "tls"), "none", "none, starttls or tls."),
    Variable(
        "EMAIL_TIMEOUT_SECONDS", whole_number(1, 600), "10", "Seconds to wait for the SMTP server."
    ),
    Variable(
        "DEFAULT_FROM_EMAIL",
        text,
        "Punctual <punctual@localhost>",
        "Sender of the platform's mails.",
    ),
    Variable(
        "ALERTS_TO",
        mail_addresses,
        "",
        "E-mail addresses, with commas, that are told when beat is silent, and of the failures of "
        "schedules whose policy names nobody; empty: nobody is (docs/actions.md).",
    ),
    Variable("TIME_ZONE", time_zone, "UTC", "IANA time zone in which pages show times."),
    Variable("VAR_DIR", text, "", "Folder of what running makes; empty: var/ beside manage.py."),
    Variable("LOG_FORMAT", choice("console", "json"), "console", "console or json (one per line)."),
    Variable("LOG_LEVEL", choice(*LOG_LEVELS), "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Variable("CAUGHT_MAIL_DIR", text, "", "Development only: where caught mails are kept."),
    Variable("RUN_RETENTION_DAYS", DAYS, "90", "Days that finished runs are kept."),
    Variable(
        "RUN_FAILURE_RETENTION_DAYS",
        DAYS,
        "180",
        "Days that failed and lost runs are kept; never fewer than the others.",
    ),
    Variable(
        "REPORT_VERSIONS_KEPT",
        whole_number(1, 1_000_000),
        "200",
        "Newest versions kept of each report.",
    ),
    Variable(
        "REPORT_STORAGE",
        address("s3"),
        "",
        "s3://bucket/folder for the files of reports (requirements-s3.txt); empty: VAR_DIR.",
    ),
    Variable(
        "REPORT_STORAGE_ENDPOINT",
        address("http", "https"),
        "",
        "Address of an S3-compatible server; empty: Amazon's.",
    ),
    Variable("REPORT_STORAGE_REGION", text, "", "Region of the bucket."),
    Variable("REPORT_STORAGE_KEY", text, "", "Id of the key to it; empty: as boto3 finds one."),
    Variable("REPORT_STORAGE_SECRET", text, "", "The secret half of that key.", secret=True),
    Variable(
        "REPORT_LINK_SECONDS",
        whole_number(1, 604_800),
        "300",
        "Seconds that a signed address of a report's file is good for.",
    ),
    Variable(
        "REPORT_SHARING",
        boolean,
        "1",
        "0: nobody shares reports by links, and links that were made open no more.",
    ),
    Variable(
        "REPORT_SOURCES",
        named_addresses(*DATABASE_SCHEMES, "duckdb"),
        "",
        "What SQL reports may ask: name=URL pairs with spaces between them (docs/reports.md).",
        secret=True,
    ),
    Variable(
        "REPORT_SQL_SECONDS",
        whole_number(1, 86_400),
        "60",
        "Seconds after which the query of a report is stopped.",
    ),
    Variable(
        "REPORT_SQL_ROWS",
        whole_number(1, 10_000_000),
        "200000",
        "Rows that the query of a report may return.",
    ),
    Variable(
        "REPORT_ATTACHMENTS_KB",
        whole_number(0, 100_000),
        "5000",
        "Kilobytes of files that go with a report's mail at most; it links to what is larger.",
    ),
    Variable(
        "REPORT_BOUNCE_ADDRESS",
        way_back,
        "",
        "Address that mails of reports come back to, each with a token (docs/reports.md).",
    ),
    Variable(
        "MAILS_PER_MINUTE_PER_DOMAIN",
        whole_number(0, 1_000_000),
        "0",
        "Reports mailed to addresses of one domain per minute, over all workers; 0: no limit.",
    ),
    Variable(
        "BEAT_STALL_SECONDS",
        whole_number(1, 86_400),
        "60",
        "Seconds without progress after which a beat ends itself, to be started anew.",
    ),
    Variable(
        "BEAT_SILENT_SECONDS",
        whole_number(0, 86_400),
        "120",
        "Seconds without a tick of any beat after which workers tell ALERTS_TO; 0: they do not.",
    ),
    Variable(
        "WORKER_LEASE_SECONDS",
        whole_number(2, 3_600),
        "30",
        "Seconds without a heartbeat after which a worker's runs are taken from it.",
    ),
    Variable(
        "WORKER_GRACE_SECONDS",
        whole_number(0, 86_400),
        "30",
        "Seconds that a worker's runs may go on after SIGTERM; what is left is handed back.",
    ),
    Variable(
        "COMMANDS_ENABLED",
        boolean,
        "0",
        "1: workers run the commands of schedules, as cron does (docs/schedules-as-code.md).",
    ),
    Variable("FEEDBACK_RETENTION_DAYS", DAYS, "730", "Days that feedback messages are kept."),
)


def read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the value of every variable by name.

    Raises InvalidEnvironmentError with one sentence per wrong variable. Values of secrets are
    not repeated in it.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        try:
            values[variable.name] = _read(variable, environment)
        except ValueError as problem:
            problems.append(str(problem))
    if problems:
        raise InvalidEnvironmentError(" ".join(problems))
    return values


def _read(variable: Variable, environment: Mapping[str, str]) -> Any:
    raw = _raw_value(variable.name, environment)
    if raw is None:
        raw = variable.default
    try:
        return variable.read(raw)
    except ValueError as problem:
        given = "its value" if variable.secret else repr(raw)
        raise ValueError(f"{variable.name}: {given} is not valid; {problem}.") from None


def _raw_value(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the text of NAME, or the contents of the file that NAME_FILE names."""
    file_name = environment.get(f"{name}_FILE")
    if not file_name:
        return environment.get(name)
    if name in environment:
        raise ValueError(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(f"{name}_FILE: {file_name} cannot be read ({problem}).") from None


def settings_reference() -> str:
    """Return the table of docs/settings.md in Markdown."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for variable in VARIABLES:
        default = f"`{variable.default}`" if variable.default else "(empty)"
        lines.append(f"| `{variable.name}` | {default} | {variable.meaning} |")
    return "\n".join(lines) + "\n"


def current_environment() -> dict[str, Any]:
    """Return the values read from this process's environment."""
    return read_environment(os.environ)
