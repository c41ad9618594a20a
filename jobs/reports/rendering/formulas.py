"""Keeping spreadsheets from obeying text. Pure."""

import re

# What makes a spreadsheet read a cell as a formula, after OWASP, "CSV Injection"; the last four
# are the full-width forms that some of them also take.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A program that is told another separator, or takes no notice of quotes, begins a cell behind
# these as well. A hyphen before a space is an item of a list.
INNER_START = re.compile(r"(?<=[;\t\r\n|])(?=[=+@\uff1d\uff0b\uff0d\uff20]|-\S)")


def neutral(text: str) -> str:
    """Return `text` with an apostrophe wherever a spreadsheet would take it for a formula."""
    inside = INNER_START.sub("'", text)
    return f"'{inside}" if text.startswith(STARTS) else inside
