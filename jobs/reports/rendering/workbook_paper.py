"""How the sheets of a workbook are printed: all columns on one page, the header on each."""

from typing import Any

A4 = 9


def fit_on_paper(sheet: Any, *, is_wide: bool = True) -> None:
    """Let a sheet be as wide as a page, which a wide one lies across, and as long as it is."""
    sheet.set_paper(A4)
    if is_wide:
        sheet.set_landscape()
    # Narrow ones are not made larger.
    sheet.fit_to_pages(1, 0)
    # &A is the sheet's name, &P the page and &N how many there are.
    sheet.set_footer("&L&A&R&P / &N")
