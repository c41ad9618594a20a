"""People and groups in the admin's look; the roles are groups."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from jobs.runs.recorded_admin import RecordedAdmin
from jobs.runs.trail import record

HELP_TEXTS = {
    "is_staff": "Needed for the admin, whatever the roles: without it a role has no effect there.",
    "groups": (
        "Roles: Viewer, Operator, Editor and Admin, each of which may all that the one before may. "
        "Further groups own schedules: only their members may touch these."
    ),
    "user_permissions": "Beyond the roles. Most people need none.",
    "is_superuser": "May everything, also to schedules that a group owns. Only for emergencies.",
}
# What makes a person more than an admin. Only a superuser gives it.
ONLY_SUPERUSERS_GIVE = ("is_superuser", "user_permissions")

for model in (User, Group):
    admin.site.unregister(model)


class PersonForm(UserChangeForm):  # type: ignore[misc]
    """A person, with words about roles."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what each right is for."""
        super().__init__(*args, **kwargs)
        for name, text in HELP_TEXTS.items():
            # Who may only view has no such field.
            if name in self.fields:
                self.fields[name].help_text = text


@admin.register(User)
class UserAdmin(RecordedAdmin, auth_admin.UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """People. Who is no superuser can neither make one nor change one, nor its password."""

    form = PersonForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "roles", "may_enter", "is_active", "last_login")
    list_filter = ("groups", "is_staff", "is_superuser", "is_active")
    show_full_result_count = False
    not_recorded = ("password", "last_login")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        """Return the people with their groups."""
        people: QuerySet[User] = super().get_queryset(request)
        return people.prefetch_related("groups")

    @admin.display(description="roles and groups")
    def roles(self, person: User) -> str:
        """Return the groups by name."""
        groups = [group.name for group in person.groups.all()]
        return ", ".join(["Superuser"] * person.is_superuser + sorted(groups)) or "none"

    @admin.display(description="admin")
    def may_enter(self, person: User) -> str:
        """Return whether they may enter the admin, and what is missing for a role to count."""
        if person.is_staff:
            return "may enter"
        if person.is_superuser or person.groups.all():
            return "may not enter: tick 'staff status'"
        return "may not enter"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return what the person may only read."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, *ONLY_SUPERUSERS_GIVE)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether the person may change this one; also asked before a new password."""
        return super().has_change_permission(request, obj) and _is_in_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether the person may delete this one."""
        return super().has_delete_permission(request, obj) and _is_in_reach(request, obj)

    @transaction.atomic
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  # Django's own name
        form_url: str = "",
    ) -> HttpResponse:
        """Change the password, and record that it was."""
        before = self.get_object(request, unquote(id))
        page: HttpResponse = super().user_change_password(request, id, form_url)
        after = self.get_object(request, unquote(id))
        if before and after and before.password != after.password:
            record(request, after, {"password": "as before"}, {"password": "changed"})
        return page

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """Delete many; superusers only by superusers."""
        within = queryset if request.user.is_superuser else queryset.filter(is_superuser=False)
        super().delete_queryset(request, within)


def _is_in_reach(request: HttpRequest, obj: User | None) -> bool:
    return obj is None or not obj.is_superuser or bool(request.user.is_superuser)


@admin.register(Group)
class GroupAdmin(RecordedAdmin, auth_admin.GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of people: the roles, and the owners of schedules."""

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """Return what the person may only read: superusers alone say what a role may."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, "permissions")
