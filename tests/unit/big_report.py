"""A process that writes a long report as XLSX, CSV and JSON and prints its peak memory in MiB."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from jobs.reports.content import Column, Content, Table
from jobs.reports.document import Document
from jobs.reports.periods import last_days
from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.json_file import write_json
from jobs.reports.rendering.workbook import write_xlsx
from jobs.reports.spool import Rows
from jobs.reports.values import Cell, ValueType

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
COLUMNS = [
    Column("Order"),
    Column("Customer"),
    Column("Amount", ValueType.DECIMAL, "€", 2),
    Column("Day", ValueType.DATE),
    Column("At", ValueType.INSTANT),
    Column("Took", ValueType.DURATION),
]


def orders(count: int) -> Iterator[list[Cell]]:
    """Yield so many rows."""
    for number in range(count):
        yield [
            f"A-{number:06}",
            f"Customer {number % 977}",
            number * 1.37,
            date(2026, 1, 1) + timedelta(days=number % 300),
            NOW + timedelta(minutes=number),
            timedelta(seconds=number % 4_000),
        ]


def long_report(count: int) -> Document:
    """Return a document with one table of `count` rows."""
    content = Content("Orders.", [Table("Orders", COLUMNS, Rows(COLUMNS, orders(count)))])
    return Document("Orders", "", last_days(7, "Europe/Berlin")(NOW), NOW, content)


def peak_mebibytes() -> float:
    """Return the most memory that this process has had resident.

    getrusage(2) would tell that of the process that started this one, when that is larger.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(folder: Path, count: int) -> None:
    """Write the files and print the peak."""
    document = long_report(count)
    write_xlsx(document, folder / "big.xlsx")
    write_csv(document, folder / "big.csv")
    write_json(document, folder / "big.json")
    sys.stdout.write(f"{peak_mebibytes():.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
