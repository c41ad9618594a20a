from django.apps import AppConfig


class CommandsConfig(AppConfig):
    name = "jobs.commands"
    verbose_name = "Commands"
