"""Time zones as the database has them: one that is unknown is read as its name.

The field's own conversion raises an error (django-timezone-field 7), so that one crontab with an
unknown zone, written by SQL or left by a newer tz database, would keep every list of schedules
from being shown. Forms and saving still refuse such a name, and beat sets its schedules aside.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute


class AnyZone(DeferredAttribute):
    """The attribute of a time zone that takes a zone, its name, or a name that is unknown."""

    field: Any

    def __set__(self, row: Model, value: Any) -> None:
        """Keep the zone; keep the name where there is none."""
        row.__dict__[self.field.attname] = zone_or_name(self.field, value)


def zone_or_name(field: Any, value: Any) -> Any:
    """Return the zone of a name, or the name when it is unknown."""
    try:
        return field.to_python(value)
    # OSError: the name of a folder, such as "Europe".
    except (ValidationError, OSError):
        return value


def read_any_zone(model: Any) -> None:
    """Let rows of `model` be read whatever their column `timezone` holds."""
    field = model.timezone.field
    # The field converts twice: what a query returns, and what an attribute is set to.
    field.from_db_value = lambda value, *_: zone_or_name(field, value)
    model.timezone = AnyZone(field)
