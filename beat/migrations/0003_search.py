"""The search in the list of schedules by an index, where PostgreSQL has one for parts of words.

Additive: it may run before the code of its version is started. Without the extension pg_trgm, or
without the right to create it, and on SQLite, the search reads all schedules as it did before.
"""

from typing import Any

import structlog
from django.db import DatabaseError, migrations, transaction

# The expressions are those that Django writes for `icontains`.
INDEX = """
CREATE INDEX beat_schedule_search ON django_celery_beat_periodictask
USING gin (UPPER(name::text) gin_trgm_ops, UPPER(task::text) gin_trgm_ops)
"""

logger = structlog.get_logger(__name__)


def make_index(apps: Any, schema_editor: Any) -> None:
    """Create extension and index; pg_trgm is trusted: since 13 the database's owner may."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(INDEX)
    except DatabaseError as error:
        logger.warning("the search of schedules has no index", error=str(error))


def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop the index; the extension may be somebody else's by now."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS beat_schedule_search")


class Migration(migrations.Migration):
    dependencies = [
        ("beat", "0002_alerts"),
    ]

    operations = [
        migrations.RunPython(make_index, drop_index),
    ]
