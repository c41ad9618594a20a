"""One sync at a time, on any number of machines."""

from django.db import connection

# Any number that nothing else locks: "sync" in ASCII.
SYNC_LOCK = 0x73796E63


def wait_for_other_syncs() -> None:
    """Wait until no other sync is under way; the end of the transaction lets the next one go on.

    On SQLite the transaction itself, which is IMMEDIATE, lets nobody else write.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SYNC_LOCK])
