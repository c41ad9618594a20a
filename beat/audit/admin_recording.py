"""What the admin's forms change is recorded, in one transaction with the change."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from beat.access.asker import Asker
from beat.audit.recording import record
from beat.audit.snapshots import Snapshot, snapshot_of

# The ids of all rows that one change may change, by model.
Affected = dict[type[Model], set[int]]
Pictures = dict[type[Model], Snapshot]


class RecordedAdmin:
    """For an admin: adding, editing (in lists too) and deleting leave entries in the trail.

    Why it is done comes with the form, as the field "why". Must stand before the classes that
    save, so that what they save is within.
    """

    def affected(self, ids: Sequence[int]) -> Affected:
        """Return these rows, if they are recorded, and the recorded rows that change with them."""
        raise NotImplementedError

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Remember how it was; a form may save shared rows before the row itself."""
        form.pictures_before = self._pictures([form.instance.pk]) if change else {}
        return super().save_form(request, form, change)  # type: ignore[misc]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Collection[Any], change: bool
    ) -> None:
        """Save the inlines, which come last, and record what has become of it."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        action = "edit" if change else "add"
        self._record(request, action, form.pictures_before, [form.instance.pk])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one and record it."""
        ids = [obj.pk]
        with transaction.atomic():
            before = self._pictures(ids)
            super().delete_model(request, obj)  # type: ignore[misc]
            self._record(request, "delete", before, ids)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete many and record each."""
        with transaction.atomic():
            ids = list(queryset.values_list("pk", flat=True))
            before = self._pictures(ids)
            super().delete_queryset(request, queryset)  # type: ignore[misc]
            self._record(request, "delete", before, ids)

    def _pictures(self, ids: Sequence[int]) -> Pictures:
        return {model: snapshot_of(model, rows) for model, rows in self.affected(ids).items()}

    def _record(
        self, request: HttpRequest, action: str, before: Pictures, ids: Sequence[int]
    ) -> None:
        asker, why = Asker.of_request(request), request.POST.get("why", "").strip()
        for model, rows in self.affected(ids).items():
            seen = before.get(model, {})
            # What was affected and is not any more, such as by a tag that is gone, changed too.
            after = snapshot_of(model, rows | seen.keys())
            # A row that is affected only now was there before.
            known = seen if model is self.model else after | seen  # type: ignore[attr-defined]
            record(asker, action, known, after, why, of=model)
