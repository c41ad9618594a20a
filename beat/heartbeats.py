"""Beats on the page of workers: what each tells of itself, and whether it makes progress."""

from collections.abc import Iterator
from datetime import datetime

from beat.models import Beat
from beat.process.health import RECENT
from jobs.runs.processes import Process, Verdict, processes

SHOWN = 50


@processes("Beats", order=20)
def beats(now: datetime) -> list[Process]:
    """Return the beats, those that ticked last first; one that ended well has no row."""
    rows = Beat.objects.order_by("-last_tick_at")[:SHOWN]
    return [
        Process(
            beat.name, verdict(beat, now), list(_facts(beat)), beat.started_at, beat.last_tick_at
        )
        for beat in rows
    ]


def verdict(beat: Beat, now: datetime) -> Verdict:
    """Return whether the beat is well; it may tick and still not get to the end of a step."""
    if now - beat.last_tick_at > RECENT:
        what_to_do = "Look whether its process is there; the others do its work meanwhile."
        return Verdict("bad", "silent", beat.last_tick_at, what_to_do)
    for step, last_at in (("claim", beat.last_claim_at), ("publish", beat.last_publish_at)):
        since = last_at or beat.started_at
        if now - since > RECENT:
            what_to_do = "Its log says why; python manage.py doctor looks at what it needs."
            return Verdict("bad", f"it cannot {step}", since, what_to_do)
    return Verdict("good", "working")


def _facts(beat: Beat) -> Iterator[tuple[str, str]]:
    yield "Host", f"{beat.host}, process {beat.pid}"
    yield "Claimed", f"{beat.claimed_count:,} since its start"
    yield "Published", f"{beat.published_count:,} since its start"
