"""Text as every database can keep it."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """Return the text without what PostgreSQL (15) refuses: NUL and halves of surrogate pairs."""
    return text.replace("\0", REPLACEMENT).encode("utf-8", "replace").decode()


def beginning(text: str, length: int) -> str:
    """Return the beginning of the text, storable."""
    return storable(text[:length])


def end(text: str, length: int) -> str:
    """Return the end of the text, storable."""
    return storable(text[-length:])
