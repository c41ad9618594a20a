"""Tasks that not everybody may schedule: `@shared_task(permission="commands.use_command_runner")`.

Who may change schedules may have a worker do whatever its tasks can. For most tasks that is what
they are for; one that can do anything names a permission of its own.
"""

from celery import current_app
from django.contrib.auth.models import AnonymousUser, User


def permission_of(task_name: str) -> str:
    """Return the permission that scheduling the task needs beyond the usual ones, or ""."""
    return str(getattr(current_app.tasks.get(task_name), "permission", None) or "")


def why_not_scheduled_by(user: User | AnonymousUser, task_name: str) -> str:
    """Return why the person may not save or run this task with arguments of their own, or ""."""
    permission = permission_of(task_name)
    if not permission or user.has_perm(permission):
        return ""
    return f"The task {task_name} needs the permission {permission}. Ask an admin for it."


def tasks_refused_to(user: User | AnonymousUser) -> list[str]:
    """Return the names of the tasks that the person may not schedule."""
    return [name for name in current_app.tasks if why_not_scheduled_by(user, name)]
