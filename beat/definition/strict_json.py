"""JSON as beat takes it: without the numbers that Python reads and JSON does not have."""

import json
from typing import Any


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large")
    return number


# Decodes a text; raises ValueError, for what is no JSON json.JSONDecodeError.
STRICT_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
