"""The permission of the command runner; it has no table."""

from django.db import models


class CommandRunner(models.Model):
    """Who may use the command runner may do on the workers' machines what their account may."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = (("use_command_runner", "Can save schedules that run commands"),)

    def __str__(self) -> str:
        return "The command runner"
