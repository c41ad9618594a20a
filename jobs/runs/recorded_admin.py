"""What the admin's forms change is recorded, in one transaction with the change."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.forms.models import _get_foreign_key  # documented nowhere, used by all inlines
from django.http import HttpRequest

from jobs.runs.trail import Picture, picture_of, record


class RecordedAdmin:
    """For an admin: adding, editing (its inlines too) and deleting leave entries in the trail.

    Must stand before the class that saves, so that what it saves is within.
    """

    model: Any
    inlines: Any
    # Columns of the row that are no business of a trail, such as secrets.
    not_recorded: tuple[str, ...] = ()

    def picture(self, row_id: Any) -> Picture:
        """Return the values of a row and of its inlines; empty for one that there is not."""
        row = self.model._default_manager.filter(pk=row_id).first()  # noqa: SLF001  # documented
        if row is None:
            return {}
        seen = self.picture_of_row(row)
        for inline in self.inlines:
            seen |= pictures_of_inline(inline, row)
        return seen

    def picture_of_row(self, row: Any) -> Picture:
        """Return the values of a row itself."""
        return picture_of(row, self.not_recorded)

    def name_in_trail(self, row: Any) -> str:
        """Return what the trail calls the row."""
        return str(row)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Remember how it was."""
        form.picture_before = self.picture(form.instance.pk) if change else {}
        return super().save_form(request, form, change)  # type: ignore[misc]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Collection[Any], change: bool
    ) -> None:
        """Save the inlines, which come last, and record what has become of it."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        row = form.instance
        self._record(request, row, form.picture_before, self.picture(row.pk))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete one and record it."""
        with transaction.atomic():
            self._record(request, obj, self.picture(obj.pk), {})
            super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete many and record each."""
        with transaction.atomic():
            for row in queryset:
                self._record(request, row, self.picture(row.pk), {})
            super().delete_queryset(request, queryset)  # type: ignore[misc]

    def _record(self, request: HttpRequest, row: Any, before: Picture, after: Picture) -> None:
        record(request, row, before, after, name=self.name_in_trail(row))


def pictures_of_inline(inline: Any, row: Model) -> Picture:
    """Return each row of an inline as one text, by its name and key."""
    options, link = inline.model._meta, _link(inline, row)  # noqa: SLF001  # documented
    needed = [one.name for one in options.concrete_fields if isinstance(one, ForeignKey)]
    rows = options.default_manager.filter(**{link: row}).select_related(*needed).order_by("pk")
    return {f"{options.verbose_name} {one.pk}": _in_one(picture_of(one, {link})) for one in rows}


def _link(inline: Any, row: Model) -> str:
    key: Any = _get_foreign_key(type(row), inline.model, fk_name=inline.fk_name)
    return str(key.name)


def _in_one(picture: Picture) -> str:
    return "; ".join(f"{name}: {text}" for name, text in picture.items() if text)
