"""Fields that read JSON values from what people write, and show stored values to them."""

from beat.arguments.fields.base import NOT_GIVEN, ArgumentField
from beat.arguments.fields.choosing import field_of

__all__ = ["NOT_GIVEN", "ArgumentField", "field_of"]
