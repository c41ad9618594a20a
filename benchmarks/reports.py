"""What the files of a report cost: a PDF of 500 rows, and 100,000 rows in the other formats.

Run with `python -m benchmarks reports`; it needs no server. Each long file is written by a fresh
process, whose memory is then its own.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report_process import WRITERS
from jobs.reports.document import Document
from jobs.reports.rendering.pdf import write_pdf
from tests.unit.big_report import long_report

PDF_ROWS, ROWS, REPEATS = 500, 100_000, 7
PDF_TITLE = "| PDF | rows | median | slowest |\n| --- | ---: | ---: | ---: |"
TITLE = (
    "\n| format | rows | seconds | size | memory at the start | peak |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: |"
)


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory(prefix="punctual-benchmark-") as name:
        folder = Path(name)
        print(PDF_TITLE)
        measure_pdf(folder / "report.pdf")
        print(TITLE)
        for format_ in WRITERS:
            measure_long(format_, folder)


def measure_pdf(path: Path) -> None:
    """Print what a PDF takes, the start of typst's process included."""
    document = long_report(PDF_ROWS)
    took = sorted(_seconds_of_pdf(document, path) for _ in range(REPEATS))
    cells = f"{statistics.median(took):.2f} s | {took[-1]:.2f} s"
    print(f"| typst in a process of its own | {PDF_ROWS:,} | {cells} |", flush=True)


def _seconds_of_pdf(document: Document, path: Path) -> float:
    began_at = time.perf_counter()
    write_pdf(document, path)
    return time.perf_counter() - began_at


def measure_long(format_: str, folder: Path) -> None:
    """Print what one long file takes in time and memory."""
    command = [sys.executable, "-m", "benchmarks.report_process", format_, str(ROWS), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, before, peak = map(float, done.stdout.split())
    size = (folder / f"report.{format_}").stat().st_size / 1e6
    cells = f"{seconds:.1f} | {size:.1f} MB | {before:.0f} MiB | {peak:.0f} MiB"
    print(f"| {format_.upper()} | {ROWS:,} | {cells} |", flush=True)
