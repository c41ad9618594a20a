"""Who is told of what by mail. Additive: it may run before the code of its version is started."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("beat", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="alert_late_after_seconds",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="alert_on_failure",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="alert_slow_after_seconds",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="alert_to",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
