"""A state for mails that came back, and the index that finds them. May run before the code."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0002_reading'),
    ]

    operations = [
        migrations.AlterField(
            model_name='reportdelivery',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('refused', 'Refused'), ('doubtful', 'Doubtful'), ('not wanted', 'Not wanted'), ('bounced', 'Came back')], default='waiting', max_length=12),
        ),
        migrations.AddIndex(
            model_name='reportdelivery',
            index=models.Index(condition=models.Q(('state', 'bounced')), fields=['version'], name='report_delivery_bounced'),
        ),
    ]
