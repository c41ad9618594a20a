"""The formats in which a version can be downloaded."""

from collections.abc import Callable, Iterable
from pathlib import Path

from django.db.models import TextChoices

from jobs.reports.document import Document
from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.json_file import write_json
from jobs.reports.rendering.pdf import write_pdf
from jobs.reports.rendering.workbook import write_xlsx


class Format(TextChoices):
    """A file format; its value is the extension of the file's name."""

    PDF = "pdf", "PDF"
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


WRITERS: dict[Format, Callable[[Document, Path], None]] = {
    Format.PDF: write_pdf,
    Format.XLSX: write_xlsx,
    Format.CSV: write_csv,
    Format.JSON: write_json,
}
CONTENT_TYPES: dict[Format, str] = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
}


def formats_among(names: Iterable[str]) -> list[Format]:
    """Return the formats that are named, in their order; all of them when none is."""
    wanted = set(names)
    return [one for one in Format if one.value in wanted] or list(Format)
