"""Contents to and from JSON types, for storage and for the process that makes the PDF. Pure."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from jobs.reports.content import (
    Block,
    Chart,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.values import Cell, ContentError, ValueType

# Raised by one when a stored content could no longer be read as it is.
FORMAT = 1
# A row of the database must stay small; the files hold what comes after these.
MOST_ROWS = 1_000

Made = TypeVar("Made")

KINDS: dict[str, type[Block]] = {
    "heading": Heading,
    "paragraph": Paragraph,
    "figures": Figures,
    "table": Table,
    "chart": Chart,
}
KIND_NAMES = {kind: name for name, kind in KINDS.items()}
PARTS: dict[str, type[Figure | Column | Series]] = {
    "items": Figure,
    "columns": Column,
    "series": Series,
}


def to_json(content: Content) -> dict[str, Any]:
    """Return `content` as dicts, lists, texts and numbers, with MOST_ROWS of each table."""
    return {
        "format": FORMAT,
        "summary": content.summary,
        "main_table": content.main_table,
        "blocks": [
            {"block": KIND_NAMES[type(block)], **_fields_of(block)} for block in content.blocks
        ],
    }


def from_json(stored: Any) -> Content:
    """Return the content that `to_json` wrote; raise ContentError that names the wrong place."""
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise ContentError(f"The content: its format is not {FORMAT}; it cannot be read.")
    blocks = stored.get("blocks")
    if not isinstance(blocks, list):
        raise ContentError("blocks: there is no list.")
    return _made(
        Content,
        "The content",
        summary=stored.get("summary"),
        main_table=stored.get("main_table", ""),
        blocks=[_block(block, f"blocks[{index}]") for index, block in enumerate(blocks)],
    )


def value_to_json(value: Cell) -> str | int | float | None:
    """Return a cleaned value as a JSON type: ISO 8601 for days and instants, else seconds."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value  # type: ignore[return-value]  # a Decimal became a float when cleaned


def _fields_of(part: Block | Figure | Column | Series) -> dict[str, Any]:
    written = {field.name: getattr(part, field.name) for field in fields(part)}
    for name in PARTS.keys() & written.keys():
        written[name] = [_fields_of(inner) for inner in written[name]]
    match part:
        case Figure():
            written["value"] = value_to_json(part.value)
        case Table():
            rows = part.first_rows(MOST_ROWS)
            written["rows"] = [[value_to_json(value) for value in row] for row in rows]
            written["total"] = part.row_count
        case Chart():
            written["labels"] = list(part.labels)
        case Series():
            written["values"] = list(part.values)
    return written


def _block(stored: Any, place: str) -> Block:
    kind = stored.get("block") if isinstance(stored, dict) else None
    if kind not in KINDS:
        raise ContentError(f"{place}: its block {kind!r} is none of {', '.join(KINDS)}.")
    given = {name: value for name, value in stored.items() if name != "block"}
    for name in PARTS.keys() & given.keys():
        given[name] = _parts(PARTS[name], given[name], f"{place}.{name}")
    if kind == "table":
        given["rows"] = _rows(given.get("columns", []), given.get("rows"), f"{place}.rows")
        if given.get("total") == len(given["rows"]):
            given["total"] = None
    return _made(KINDS[kind], place, **given)


def _parts(kind: type[Any], stored: Any, place: str) -> list[Any]:
    if not isinstance(stored, list):
        raise ContentError(f"{place}: there is no list.")
    return [_part(kind, part, f"{place}[{index}]") for index, part in enumerate(stored)]


def _part(kind: type[Any], stored: Any, place: str) -> Any:
    if not isinstance(stored, dict):
        raise ContentError(f"{place}: {stored!r} is no object.")
    given = dict(stored)
    if kind is Figure:
        given["value"] = _value(given.get("value"), given.get("type"), f"{place}.value")
    return _made(kind, place, **given)


def _rows(columns: list[Column], stored: Any, place: str) -> list[list[Cell]]:
    if not isinstance(stored, list) or not all(isinstance(row, list) for row in stored):
        raise ContentError(f"{place}: there is no list of lists.")
    return [_row(columns, row, f"{place}[{index}]") for index, row in enumerate(stored)]


def _row(columns: list[Column], stored: list[Any], place: str) -> list[Cell]:
    if len(stored) != len(columns):
        raise ContentError(f"{place}: it has {len(stored)} values for {len(columns)} columns.")
    return [
        _value(value, column.type, f"{place}[{at}]")
        for at, (column, value) in enumerate(zip(columns, stored, strict=True))
    ]


def _value(stored: Any, type_: Any, place: str) -> Any:
    """Return the stored value as its type; what has no decoder is checked by the class."""
    decode = DECODERS.get(type_)
    if stored is None or decode is None:
        return stored
    try:
        return decode(stored)
    except (TypeError, ValueError, OverflowError):
        raise ContentError(f"{place}: {stored!r} is not a {type_}.") from None


def _made(kind: type[Made], place: str, /, **given: Any) -> Made:
    try:
        return kind(**given)
    except (TypeError, ValueError) as problem:
        raise ContentError(f"{place}: {problem}") from None


def _seconds(stored: Any) -> timedelta:
    return timedelta(seconds=stored)


DECODERS: dict[str, Callable[[Any], Cell]] = {
    ValueType.DATE: date.fromisoformat,
    ValueType.INSTANT: datetime.fromisoformat,
    ValueType.DURATION: _seconds,
}
