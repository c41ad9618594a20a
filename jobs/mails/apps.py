from django.apps import AppConfig


class MailsConfig(AppConfig):
    name = "jobs.mails"
    verbose_name = "Mails"
