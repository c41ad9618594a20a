"""Time zones by name, with a sentence where there is none."""

from zoneinfo import ZoneInfo

from beat.occurrences.fields import CrontabError


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; raises CrontabError."""
    try:
        return ZoneInfo(name)
    # zoneinfo answers by KeyError for an unknown name, ValueError for one that looks like a path,
    # and OSError for a folder such as "Europe" (Python 3.11).
    except (KeyError, ValueError, OSError):
        raise CrontabError(
            f"There is no time zone {name!r}; write a name such as Europe/Berlin or UTC."
        ) from None
