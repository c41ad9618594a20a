"""The groups of the roles. It may run before and after the code of its version is started."""

from django.db import migrations

from beat.access.roles import give_roles


class Migration(migrations.Migration):
    dependencies = [
        ("auditlog", "0017_add_actor_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("beat", "__first__"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("digests", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("feedback", "0001_initial"),
        ("reports", "0001_initial"),
        ("runs", "__first__"),
    ]

    # Back: the groups stay, since people are in them.
    operations = [migrations.RunPython(give_roles, migrations.RunPython.noop)]
