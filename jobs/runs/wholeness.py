"""What can be kept of a call so that the ledger can send it again.

Kept is what Celery's own serialiser makes of it, so that instants, UUIDs and the like come out of
the next message as they came out of the first one. What that cannot hold, or is larger than
WHOLE_BYTES, is shortened for people, and such a run is not `is_whole`.
"""

import json
from typing import Any

from kombu.exceptions import EncodeError
from kombu.utils import json as kombu_json

from jobs.runs.texts import beginning

WHOLE_BYTES = 1_000_000
SHORT_LENGTH = 1_000
NOTHING: tuple[Any, ...] = (None, [], {}, ())


class NotWholeError(ValueError):
    """A value cannot be kept so that the same value comes back."""


def kept(value: Any) -> Any:
    """Return the value as plain JSON types from which it comes back; raise NotWholeError."""
    if value in NOTHING:
        return value
    try:
        text = kombu_json.dumps(value)
        plain = json.loads(text, parse_constant=_refuse)
        if kombu_json.loads(text) != value:
            raise NotWholeError("it comes back as something else")
    except (TypeError, ValueError, RecursionError, EncodeError) as problem:
        raise NotWholeError(str(problem)) from problem
    if len(text) > WHOLE_BYTES:
        raise NotWholeError("it is too large")
    if "\\u" in text:
        _require_storable(text, plain)
    return plain


def shortened(value: Any) -> str:
    """Return the beginning of what people may read of a value that is not kept whole."""
    text = repr(value)
    if len(text) <= SHORT_LENGTH:
        return beginning(text, SHORT_LENGTH)
    return beginning(text, SHORT_LENGTH) + " ... (too large to keep)"


def _require_storable(text: str, plain: Any) -> None:
    """Raise NotWholeError for NUL and halves of surrogate pairs: PostgreSQL's jsonb refuses them.

    A backslash before "u0000" in the value itself is taken for NUL; then it is merely not whole.
    """
    if "\\u0000" in text:
        raise NotWholeError("it holds NUL characters")
    try:
        json.dumps(plain, ensure_ascii=False).encode()
    except UnicodeEncodeError as problem:
        raise NotWholeError("it holds characters that are none") from problem


def _refuse(constant: str) -> None:
    raise NotWholeError(f"{constant} is not JSON")
