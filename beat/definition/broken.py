"""How a schedule tells that it cannot be computed or published."""


class BrokenScheduleError(Exception):
    """A schedule that cannot be computed or published.

    `reason` is a code, `text` the sentence that the admin shows: what is wrong and what to do.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
