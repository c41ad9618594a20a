"""The first chart of a report as a picture, for mail programs, which show no SVG."""

import subprocess
import sys

import structlog

from jobs.reports.content import Chart, Content
from jobs.reports.delivery import png_child
from jobs.reports.rendering import typst_child
from jobs.reports.rendering.chart_svg import chart_svg

WIDTH = 524
TIMEOUT_SECONDS = 30

logger = structlog.get_logger(__name__)


def first_chart(content: Content) -> Chart | None:
    """Return the chart that the mail shows."""
    return next((block for block in content.blocks if isinstance(block, Chart)), None)


def png_of(chart: Chart) -> bytes:
    """Return the chart as PNG on white, b"" when it cannot be drawn: the mail goes without it."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", png_child.__file__, str(typst_child.FONTS)],
            input=chart_svg(chart, "chart", WIDTH).encode(),
            capture_output=True,
            check=True,
            timeout=TIMEOUT_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        said = (problem.stderr or b"").decode(errors="replace")[-1000:]
        logger.exception("a mail goes without its chart", chart=chart.title, said=said)
        return b""
    return child.stdout
