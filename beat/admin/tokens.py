"""The tokens of the API: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from beat.access.asker import Asker
from beat.api.tokens import make_token
from beat.audit.recording import record
from beat.models import ApiToken


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose token, what for, and until when."""

    class Meta:
        model = ApiToken
        fields = ("user", "name", "expires_at")
        labels = {"user": "Person", "name": "What it is for", "expires_at": "Expires"}
        help_texts = {
            "user": "It may do what this person may, and no more.",
            "expires_at": "Empty: when somebody revokes it.",
        }

    def clean_expires_at(self) -> Any:
        """Return the end; one that has passed would make a token that never counts."""
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("This has passed already; write an instant to come.")
        return expires_at


@admin.register(ApiToken)
class TokenAdmin(ModelAdmin):  # type: ignore[misc]
    """Tokens are never changed: a new one is made and the old one revoked."""

    form = TokenForm
    list_display = ("name", "user", "begins_with", "made_at", "expires_at", "last_used_at", "state")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "begins_with", "user__username")
    readonly_fields = ("begins_with", "made_at", "last_used_at", "revoked_at")
    actions = ("revoke",)
    ordering = ("-made_at",)

    @admin.display(description="state")
    def state(self, token: ApiToken) -> str:
        """Return whether it counts."""
        if token.revoked_at is not None:
            return "revoked"
        is_over = token.expires_at is not None and token.expires_at <= timezone.now()
        return "expired" if is_over else "counts"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is asked of a new one, or all of one that is there."""
        asked = list(TokenForm.Meta.fields)
        return asked if obj is None else [*asked, *self.readonly_fields]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one button: the token is shown next, whatever was meant to follow."""
        context = {"show_save_and_add_another": False, "show_save_and_continue": False}
        page: HttpResponse = super().add_view(request, form_url, context | (extra_context or {}))
        return page

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change one."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may end tokens."""
        return request.user.has_perm("beat.change_apitoken")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the people; a superuser only to superusers, else a token would be a way up."""
        people = User.objects.filter(is_active=True).order_by("username")
        if not request.user.is_superuser:
            people = people.filter(Q(is_superuser=False) | Q(pk=request.user.pk))
        options |= {"queryset": people, "initial": request.user.pk}
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the token; the row's own text is all that can be shown later."""
        made, form.made_token = make_token(obj.user, obj.name, obj.expires_at)
        obj.pk, obj.begins_with = made.pk, made.begins_with
        record(Asker.of_request(request), "make a token", {}, _seen([made]), of=ApiToken)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Keep the form at hand for the page that shows the token."""
        request.made_by_form = form  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave Django's own log alone; it is in the trail."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once; it is neither stored nor in the address or a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"The token “{obj.name}”",
            "token": request.made_by_form.made_token,  # type: ignore[attr-defined]
            "obj": obj,
            "opts": self.opts,
        }
        page = TemplateResponse(request, "beat/api/made.html", context)
        page["Cache-Control"] = "no-store"
        return page

    @admin.action(description="Revoke selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ApiToken]") -> None:
        """End the tokens at once."""
        with transaction.atomic():
            chosen = list(queryset.filter(revoked_at=None).select_related("user"))
            before = _seen(chosen)
            ids = [token.pk for token in chosen]
            ApiToken.objects.filter(pk__in=ids).update(revoked_at=timezone.now())
            after = {pk: {**values, "state": "revoked"} for pk, values in before.items()}
            record(Asker.of_request(request), "revoke a token", before, after, of=ApiToken)
        self.message_user(request, f"Revoked: {len(ids)}.")


def _seen(tokens: list[ApiToken]) -> dict[int, dict[str, str]]:
    return {
        token.pk: {
            "name": str(token),
            "person": token.user.get_username(),
            "expires": token.expires_at.isoformat() if token.expires_at else "",
            "state": "counts" if token.revoked_at is None else "revoked",
        }
        for token in tokens
    }
