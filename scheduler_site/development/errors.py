"""The one error that ends a start with a sentence."""


class DevelopmentError(Exception):
    """Something a person has to mend; the message says what is wrong, where, and what to do."""
