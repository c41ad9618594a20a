"""A process that writes one file of a long report; prints seconds, MiB at the start and the peak.

python -m benchmarks.report_process xlsx 100000 /tmp/folder
"""

import sys
import time
from pathlib import Path

from jobs.reports.rendering.csv_file import write_csv
from jobs.reports.rendering.json_file import write_json
from jobs.reports.rendering.workbook import write_xlsx
from tests.unit.big_report import long_report, peak_mebibytes

WRITERS = {"xlsx": write_xlsx, "csv": write_csv, "json": write_json}


def main(name: str, rows: int, folder: Path) -> None:
    """Write the file, its rows read into the temporary file included."""
    before = peak_mebibytes()
    began_at = time.perf_counter()
    WRITERS[name](long_report(rows), folder / f"report.{name}")
    seconds = time.perf_counter() - began_at
    print(seconds, before, peak_mebibytes())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
