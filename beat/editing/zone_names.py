"""Names of time zones as people write them."""

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

# These are no places: what they are differs from machine to machine.
NO_PLACES = frozenset({"Factory", "localtime"})


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones in order."""
    return tuple(sorted(available_timezones() - NO_PLACES))


@lru_cache(maxsize=1)
def _by_folded_name() -> dict[str, str]:
    return {name.casefold(): name for name in zone_names()}


def zone_named(text: str) -> str:
    """Return the name of a zone as it is written; raises ValueError with what may be meant.

    Upper and lower case are the same, and so are blanks and underscores.
    """
    meant = text.strip().replace(" ", "_").casefold()
    if not meant:
        raise ValueError("Write a time zone, such as Europe/Berlin or UTC.")
    name = _by_folded_name().get(meant)
    if name is None:
        near = _near(meant)
        advice = f"did you mean {' or '.join(near)}?" if near else "write one as Europe/Berlin."
        raise ValueError(f"There is no time zone {text.strip()!r}; {advice}")
    return name


def _near(meant: str) -> list[str]:
    """Return up to three zones: of a city of that name, else of similar names."""
    names = _by_folded_name()
    cities = [names[name] for name in names if name.rpartition("/")[2] == meant.rpartition("/")[2]]
    return (cities or [names[name] for name in get_close_matches(meant, names, 3, 0.7)])[:3]
