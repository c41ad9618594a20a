"""Alerts: has somebody looked for troubles lately?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.utils import ConnectionHandler
from django.utils import timezone

from jobs.alerts.looking import LONGEST_WITHOUT_LOOK
from jobs.alerts.models import Watch
from scheduler_site.doctor.database import TIMEOUT_SECONDS, impatient, missing_file
from scheduler_site.doctor.findings import Finding, ok, warning

SUBJECT = "alerts"
# Workers look by themselves when nobody has for so long, twice a minute at the least.
LONGEST = LONGEST_WITHOUT_LOOK + timedelta(minutes=2)


def alerts_findings(database: Mapping[str, Any]) -> list[Finding]:
    """Return whether troubles are looked for. Uses a connection of its own, as checks must."""
    if missing_file(database):
        return [_unknown()]
    connections = ConnectionHandler({"default": impatient(database, TIMEOUT_SECONDS)})
    connection = connections["default"]
    try:
        query = Watch.objects.values_list("looked_at").order_by("-looked_at")[:1].query
        rows = list(query.get_compiler(connection=connection).results_iter(tuple_expected=True))
    except DatabaseError:
        return [_unknown()]
    finally:
        connection.close()
    return [alerts_finding(rows[0][0] if rows else None, timezone.now())]


def alerts_finding(looked_at: datetime | None, now: datetime) -> Finding:
    """Return whether the last look was lately."""
    if looked_at is not None and now - looked_at <= LONGEST:
        return ok(SUBJECT, "Troubles are looked for.")
    since = f"since {looked_at:%Y-%m-%d %H:%M:%S} UTC" if looked_at else "so far"
    return warning(
        SUBJECT,
        f"Nobody has looked for troubles {since}: nobody is told of what fails or is late.",
        "It takes a worker; start one, and have a probe outside ask /healthz (docs/operations.md).",
    )


def _unknown() -> Finding:
    return warning(
        SUBJECT,
        "Nobody can say when troubles were looked for without the database and its tables.",
        "Mend the database first, then look again.",
    )
