"""Viewers see alerts. It may run before and after the code of its version is started."""

from django.db import migrations

from beat.access.roles import give_roles


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_roles"),
        ("alerts", "0001_initial"),
    ]

    operations = [migrations.RunPython(give_roles, migrations.RunPython.noop)]
