"""The policies of cleanup, to change; what each would delete now stands on its page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from jobs.cleanup.applying import Applied, tried
from jobs.cleanup.models import CleanupPolicy
from jobs.cleanup.policies import assignment_of
from jobs.cleanup.registry import RetentionRule, find_rule, retention_rules
from jobs.runs.recorded_admin import RecordedAdmin

# Counting stops here, so that the page stays quick however much there is.
COUNTED = 1_000
SETTINGS = ("enabled", "days_kept", "kept_at_least", "batch_size", "budget_seconds")


@admin.register(CleanupPolicy)
class CleanupPolicyAdmin(RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """One row per rule; the rules are in the code, so that nobody adds or deletes one here."""

    list_display = ("__str__", "what", "enabled", "batch_size", "budget_seconds")
    list_filter = ("enabled",)
    readonly_fields = ("what", "would_go")
    fieldsets = (
        (None, {"fields": ("what", *SETTINGS)}),
        ("Now, as it is saved", {"fields": ("would_go",)}),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CleanupPolicy]":
        """Return a policy for every rule; those of new rules are made here."""
        rules = retention_rules()
        CleanupPolicy.objects.bring_up_to_date(rules)
        policies: QuerySet[CleanupPolicy] = super().get_queryset(request)
        return policies.filter(rule__in=[rule.name for rule in rules])

    def get_form(
        self, request: HttpRequest, obj: CleanupPolicy | None = None, **kwargs: Any
    ) -> "type[forms.ModelForm[CleanupPolicy]]":
        """Return the form of this rule; it says what stands where nothing is filled in."""
        form: type[forms.ModelForm[CleanupPolicy]] = super().get_form(request, obj, **kwargs)
        rule = find_rule(obj.rule) if obj else None
        if rule is not None and "days_kept" in form.base_fields:
            form.base_fields["days_kept"].help_text = _days_help(rule)
        if rule is not None and "kept_at_least" in form.base_fields:
            _explain_number(form.base_fields["kept_at_least"], rule)
        return form

    @admin.display(description="What it does")
    def what(self, policy: CleanupPolicy) -> str:
        """Return the rule's sentence, as this policy has it applied."""
        rule = find_rule(policy.rule)
        return assignment_of(rule, policy).sentence.capitalize() if rule else ""

    @admin.display(description="Would be deleted")
    def would_go(self, policy: CleanupPolicy) -> str | SafeString:
        """Return a dry run: the number and some examples."""
        rule = find_rule(policy.rule)
        if rule is None:
            return ""
        return _in_words(tried(assignment_of(rule, policy), timezone.now(), COUNTED))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: a rule brings its policy."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CleanupPolicy | None = None) -> bool:
        """Nobody; a policy is switched off instead."""
        return False


def _days_help(rule: RetentionRule) -> str:
    usual = "for ever" if rule.kept.days is None else f"{rule.kept.days} days"
    least = f" At least {rule.least_days}." if rule.least_days else ""
    return f"Days. Empty: {usual}, as the rule says by itself.{least}"


def _explain_number(field: forms.Field, rule: RetentionRule) -> None:
    if rule.kept.at_least is None:
        field.disabled = True
        field.help_text = "This rule goes by age alone."
    else:
        field.help_text = f"The newest so many stay. Empty: {rule.kept.at_least}."


def _in_words(found: Applied) -> str | SafeString:
    if found.error:
        return f"The rule broke: {found.error}"
    if not found.count:
        return "Nothing."
    more = "" if found.is_complete else " or more"
    examples = format_html_join("", "<li>{}</li>", ((example,) for example in found.examples))
    return format_html("{}{}, such as<ul>{}</ul>", f"{found.count:,}", more, examples)
