"""Triggers that mark a timer stale on every edit, and a stale timer for each schedule there is.

May run before the code: the triggers only write to beat's own table.
"""

from typing import Any

from django.db import migrations

from beat.triggers import installing


def install(apps: Any, schema_editor: Any) -> None:
    installing.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    installing.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("beat", "0001_initial"),
        ("runs", "0002_outbox"),
    ]

    operations = [migrations.RunPython(install, remove)]
