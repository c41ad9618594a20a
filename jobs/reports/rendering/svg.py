"""SVG elements as text; everything that is put into one is escaped here. Pure."""

from xml.sax.saxutils import escape, quoteattr


def element(name: str, *inner: str, text: str = "", **attributes: object) -> str:
    """Return an element with `inner` elements, or with `text`, which is escaped.

    An underscore in an attribute's name stands for a hyphen: `text_anchor`, `class_`.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inner)}{escape(text)}</{name}>"


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
