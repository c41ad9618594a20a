"""The countries and subdivisions whose holidays are known: codes checked, near ones offered."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

# The lists are long: 250 countries, and 50 states of one of them.
OFFERED_AT_MOST = 5

Names = tuple[str, ...]


@lru_cache(maxsize=1024)
def check_subdivision(country: str, subdivision: str) -> None:
    """Raise ValueError with a sentence when a country has no such subdivision."""
    # Imported where it is needed: most installations have no calendar with a country.
    from holidays import list_supported_countries  # noqa: PLC0415

    if not country:
        raise ValueError(
            f"The subdivision {subdivision!r} has no country; write its code, such as DE."
        )
    known = list_supported_countries()[country]
    if subdivision in known:
        return
    names = {code: _names_of_subdivision(country, code) for code in known}
    offered = near(subdivision, names) or dict(list(names.items())[:OFFERED_AT_MOST])
    advice = f"write a code such as {_list(offered)}" if known else "leave it empty"
    raise ValueError(f"The country {country} has no subdivision {subdivision!r}; {advice}.")


@lru_cache(maxsize=1024)
def check_country(country: str) -> None:
    """Raise ValueError with a sentence when there is no such country."""
    from holidays import list_supported_countries  # noqa: PLC0415
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    if country in list_supported_countries():
        return
    names = {entry[1]: (module.replace("_", " ").title(),) for module, entry in COUNTRIES.items()}
    offered = near(country, names) or {code: names[code] for code in ("DE", "US")}
    raise ValueError(
        f"The holidays of country {country!r} are unknown; write a code such as {_list(offered)}."
    )


def near(text: str, names: Mapping[str, Names]) -> dict[str, Names]:
    """Return the few codes that `text` may have meant, with their names; none when all are far.

    `names` holds the names of each code. Upper and lower case are the same.
    """
    spoken = {name.casefold(): code for code in names for name in (code, *names[code])}
    meant = text.casefold()
    exact = [meant] if meant in spoken else []
    longer = [name for name in spoken if name.startswith(meant)] if len(meant) > 2 else []
    similar = get_close_matches(meant, spoken, OFFERED_AT_MOST)
    codes = dict.fromkeys(spoken[name] for name in (*exact, *longer, *similar))
    return {code: names[code] for code in list(codes)[:OFFERED_AT_MOST]}


def _list(codes: Mapping[str, Names]) -> str:
    return ", ".join(f"{code} ({names[0]})" if names else code for code, names in codes.items())


def _names_of_subdivision(country: str, code: str) -> Names:
    from holidays import country_holidays  # noqa: PLC0415

    aliases: Mapping[str, list[str]] = type(country_holidays(country)).get_subdivision_aliases()
    return tuple(aliases.get(code, ()))
