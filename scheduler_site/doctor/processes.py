"""The workers and the beat that answer a ping through the broker now."""

from celery import Celery
from kombu.exceptions import OperationalError

from scheduler_site.doctor.findings import Finding, ok, problem, warning

SUBJECT = "processes"
PING_SECONDS = 2.0
CONNECT_SECONDS = 2
# The name that Celery 5.7 gives to a beat with remote control.
BEAT_PREFIX = "celerybeat@"
# It plans in its own memory, so that every beat publishes everything.
ONE_BEAT_ONLY = "django_celery_beat.schedulers:DatabaseScheduler"


def processes_findings(app: Celery) -> list[Finding]:
    """Return which workers and beats are there; a broker that is away is only a warning here."""
    try:
        names = _who_answers(app)
    except (OperationalError, OSError):
        return [
            warning(
                SUBJECT,
                "Workers and beat cannot be asked while the broker is away.",
                "Mend the broker first, then look again.",
            )
        ]
    beats = sorted(name for name in names if name.startswith(BEAT_PREFIX))
    workers = sorted(name for name in names if not name.startswith(BEAT_PREFIX))
    return [workers_finding(workers), beat_finding(beats, app.conf.beat_scheduler)]


def workers_finding(workers: list[str]) -> Finding:
    """Return whether somebody executes what is published."""
    if workers:
        return ok(SUBJECT, f"{_counted(workers, 'worker')}: {', '.join(workers)}.")
    return warning(
        SUBJECT,
        f"No worker answered within {PING_SECONDS:g} seconds: what is due waits in the queue.",
        "Start one: celery -A scheduler_site worker",
    )


def beat_finding(beats: list[str], scheduler: str) -> Finding:
    """Return whether somebody publishes what is due, and nobody twice."""
    if not beats:
        return warning(
            SUBJECT,
            "No beat answered: schedules do not fire.",
            "Start one: celery -A scheduler_site beat --enable-remote-control "
            "(without that option a beat works, but is not seen here).",
        )
    if len(beats) > 1 and scheduler == ONE_BEAT_ONLY:
        return problem(
            SUBJECT,
            f"{len(beats)} beats run ({', '.join(beats)}): every schedule fires that often.",
            "Stop all but one of them.",
        )
    return ok(SUBJECT, f"{_counted(beats, 'beat')}: {', '.join(beats)}.")


def _who_answers(app: Celery) -> list[str]:
    with app.connection_for_write() as connection:
        connection.connect_timeout = CONNECT_SECONDS
        connection.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
        replies = app.control.ping(timeout=PING_SECONDS, connection=connection)
    return [name for reply in replies or [] for name in reply]


def _counted(names: list[str], noun: str) -> str:
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'}"
