"""What differs between the messages of one template, and a run to find where it stands."""

from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from beat.publish.contents import Content, quoted
from jobs.runs.publishing import Outgoing

# Values that no run has.
MADE_UP_ID = UUID("00000000-0000-7000-8000-6d6164652d75")
MADE_UP_TEXT = "made-up-6d6164652d7570"
MADE_UP_AT = datetime(1, 2, 3, 4, 5, 6, 7, UTC)
MADE_UP_EXPIRY = datetime(7654, 3, 2, 1, 2, 3, 4567, UTC)


def made_up(run: Outgoing) -> Outgoing:
    """Return the run with values of its own that no other text contains."""
    return run._replace(
        id=MADE_UP_ID,
        schedule_name=f"{MADE_UP_TEXT}-name",
        args=[MADE_UP_TEXT],
        kwargs={MADE_UP_TEXT: None},
        due_at=MADE_UP_AT,
        expires_at=None if run.expires_at is None else MADE_UP_EXPIRY,
    )


def values_of_run(run: Outgoing, now: datetime) -> dict[str, str]:
    """Return the texts that each run has of its own, by their places, as within quotes."""
    values = {
        "id": str(run.id),
        "schedule_name": quoted(run.schedule_name),
        "due_at": isoformat(run.due_at),
    }
    if run.expires_at is not None:
        values["expires"] = run.expires_at.isoformat()
        # As kombu writes it: whole milliseconds.
        values["expiration"] = str(int(seconds_left(run.expires_at, now) * 1000))
    return values


def values_of_content(content: Content) -> dict[str, str]:
    """Return the texts that runs of equal arguments share, by their places, as within quotes."""
    return {
        "argsrepr": quoted(content.argsrepr),
        "kwargsrepr": quoted(content.kwargsrepr),
        "body": content.encoded_body,
    }


@lru_cache(maxsize=4096)
def isoformat(instant: datetime) -> str:
    """Return the instant's text; those of many runs are the same one."""
    return instant.isoformat()


def seconds_left(expires: datetime | float, now: datetime) -> float:
    """Return the seconds until an instant; a number is seconds already."""
    if isinstance(expires, datetime):
        return max(0.0, (expires - now).total_seconds())
    return expires
