"""The clock that all processes share: heartbeats are written and judged by the database's.

Machines disagree about the time by seconds; a lease must not depend on that.
"""

from datetime import datetime

from django.db import connection
from django.utils import timezone


def database_now() -> datetime:
    """Return the database's present instant; SQLite is on this machine and has its clock."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        [now] = cursor.fetchone()
    instant: datetime = now
    return instant
