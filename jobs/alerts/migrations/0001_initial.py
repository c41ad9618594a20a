"""Alerts. It may run before the code of its version is started."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('django_celery_beat', '0019_alter_periodictasks_options'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('schedule_name', models.CharField(max_length=200)),
                ('trouble', models.CharField(choices=[('failed', 'failed'), ('late', 'is late'), ('slow', 'takes too long')], max_length=6)),
                ('sentence', models.CharField(max_length=600)),
                ('run_id', models.UUIDField(blank=True, null=True)),
                ('told_to', models.TextField()),
                ('begun_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('told_over_at', models.DateTimeField(blank=True, null=True)),
                ('is_dropped', models.BooleanField(default=False)),
                ('schedule', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alerts', to='django_celery_beat.periodictask')),
            ],
            options={
                'indexes': [models.Index(fields=['schedule', '-begun_at'], name='alert_by_schedule'), models.Index(condition=models.Q(('is_dropped', False), models.Q(('told_at__isnull', True), models.Q(('over_at__isnull', False), ('told_over_at__isnull', True)), _connector='OR')), fields=['begun_at'], name='alert_to_tell'), models.Index(fields=['-begun_at', '-id'], name='alert_by_age')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('over_at__isnull', True)), fields=('schedule', 'trouble'), name='alert_of_trouble')],
            },
        ),
    ]
