"""The first chart of a report as a picture, for mail programs, which show no SVG."""

import structlog

from jobs.reports.content import Chart, Content
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.typst_process import TypstFailedError, made_by_typst

WIDTH = 524
TIMEOUT_SECONDS = 30

logger = structlog.get_logger(__name__)


def first_chart(content: Content) -> Chart | None:
    """Return the chart that the mail shows."""
    return next((block for block in content.blocks if isinstance(block, Chart)), None)


def png_of(chart: Chart) -> bytes:
    """Return the chart as PNG on white, b"" when it cannot be drawn: the mail goes without it."""
    try:
        return made_by_typst("png", chart_svg(chart, "chart", WIDTH), TIMEOUT_SECONDS)
    except TypstFailedError:
        logger.exception("a mail goes without its chart", chart=chart.title)
        return b""
