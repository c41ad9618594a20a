"""Mails of alerts, and the watch over beat. It may run before the code of its version is started."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_initial'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertMail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('address', models.CharField(max_length=320)),
                ('made_at', models.DateTimeField()),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(blank=True, choices=[('sent', 'Sent'), ('refused', 'Refused'), ('given up', 'Given Up')], max_length=8)),
                ('words', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_end', models.BooleanField()),
                ('address', models.CharField(max_length=320)),
            ],
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('looked_at', models.DateTimeField()),
                ('beat_looked_at', models.DateTimeField()),
                ('beat_signs', models.CharField(blank=True, max_length=64)),
                ('beat_seen_at', models.DateTimeField()),
            ],
        ),
        migrations.AlterField(
            model_name='alert',
            name='told_to',
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name='alert',
            name='trouble',
            field=models.CharField(choices=[('failed', 'failed'), ('broken', 'was set aside'), ('late', 'is late'), ('slow', 'takes too long'), ('silent', 'is silent')], max_length=6),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('over_at__isnull', True), ('trouble', 'silent')), fields=('trouble',), name='alert_of_beat'),
        ),
        migrations.AddIndex(
            model_name='alertmail',
            index=models.Index(fields=['made_at'], name='alert_mail_by_age'),
        ),
        migrations.AddConstraint(
            model_name='alertmail',
            constraint=models.UniqueConstraint(condition=models.Q(('settled_at__isnull', True)), fields=('address',), name='alert_mail_open'),
        ),
        migrations.AddField(
            model_name='telling',
            name='alert',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='alerts.alert'),
        ),
        migrations.AddField(
            model_name='telling',
            name='mail',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='alerts.alertmail'),
        ),
        migrations.AddIndex(
            model_name='telling',
            index=models.Index(condition=models.Q(('mail__isnull', True)), fields=['address'], name='telling_waiting'),
        ),
        migrations.AddConstraint(
            model_name='telling',
            constraint=models.UniqueConstraint(fields=('alert', 'is_end', 'address'), name='telling_once'),
        ),
    ]
