"""Who may change the policies of cleanup. It may run before and after the code of its version."""

from django.db import migrations

from beat.access.roles import give_roles


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_alerts"),
        ("cleanup", "0001_policies"),
    ]

    operations = [migrations.RunPython(give_roles, migrations.RunPython.noop)]
