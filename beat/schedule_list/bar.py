"""The bar of the last runs as HTML.

Not a template: a page has a thousand cells, and writing them is most of what it costs.
"""

from collections.abc import Iterable
from datetime import tzinfo
from html import escape
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from jobs.runs.last_runs import LastRun
from jobs.runs.states import State
from jobs.runs.templatetags.times import duration

LONGEST_REASON = 120
# An address is made once, and each run's id put in this one's place.
ANY_RUN = UUID(int=0)
LABELS = {state.value: state.label for state in State}


def address_of_any_run() -> str:
    """Return the address for `bar`; made once for all schedules of a page."""
    return reverse("runs:run", args=[ANY_RUN])


def bar(runs: Iterable[LastRun], address: str) -> SafeString:
    """Return a list with a cell for each run: a link to it that says how it ended.

    The links are no stops of the Tab key, which would be a thousand on a page: the words below
    the bar lead to the same runs.
    """
    zone = timezone.get_current_timezone()
    begin, _, end = address.partition(str(ANY_RUN))
    cells = "".join(_cell(run, f"{begin}{run.id}{end}", zone) for run in runs)
    return mark_safe(  # noqa: S308 -- the cells are escaped where they are made
        f'<ol class="outcomes" aria-label="The last runs, the oldest first">{cells}</ol>'
    )


def title_of(run: LastRun, zone: tzinfo) -> str:
    """Return how a run ended in words: "Failed, 2026-11-21 09:30:00, 12 s: the disk is full"."""
    # A thousand times a page: strftime takes as long as all the rest.
    at = run.due_at.astimezone(zone).isoformat(" ", "seconds")[:19]
    words = f"{LABELS.get(run.state, run.state)}, {at}"
    if run.duration is not None:
        words += f", {duration(run.duration)}"
    return f"{words}: {run.reason_text[:LONGEST_REASON]}" if run.reason_text else words


def _cell(run: LastRun, address: str, zone: tzinfo) -> str:
    """Return a run's cell; escaped here, since SQL may write any state."""
    return (
        f'<li><a class="outcome outcome-{escape(run.state)}" tabindex="-1" '
        f'href="{address}" '
        f'title="{escape(title_of(run, zone))}"></a></li>'
    )
