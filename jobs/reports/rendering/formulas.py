"""Keeping spreadsheets from obeying text. Pure."""

# What makes a spreadsheet read a cell as a formula, after OWASP, "CSV Injection"; the last four
# are the full-width forms that some of them also take.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(text: str) -> str:
    """Return `text`, after an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(STARTS) else text
