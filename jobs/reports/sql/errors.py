"""What goes wrong with a query, in words for whoever wrote it."""


class QueryError(Exception):
    """The query cannot be answered. `line` is the query's line, None where nobody knows it."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        """Keep the sentence, which the line is put before."""
        super().__init__(sentence if line is None else f"Line {line}: {sentence}")
        self.line = line


def too_long(seconds: float) -> QueryError:
    """Return what is said of a query that was stopped."""
    return QueryError(
        f"The query took longer than {seconds:g} s and was stopped. Ask for less, or for a "
        "shorter span; REPORT_SQL_SECONDS is the limit."
    )
