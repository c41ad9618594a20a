"""The formats in which a version can be downloaded."""

from collections.abc import Callable
from pathlib import Path

from django.db.models import TextChoices

from jobs.reports.document import Document
from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.pdf import write_pdf
from jobs.reports.rendering.workbook import write_xlsx


class Format(TextChoices):
    """A file format; its value is the extension of the file's name."""

    PDF = "pdf", "PDF"
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"


WRITERS: dict[Format, Callable[[Document, Path], None]] = {
    Format.PDF: write_pdf,
    Format.XLSX: write_xlsx,
    Format.CSV: write_csv,
}
CONTENT_TYPES: dict[Format, str] = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8; header=present",
}
