"""What is kept of what a task says: its end, on whole lines, as both databases can store it."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.worker.output.kept_text import KeptText


def kept(*texts: str, limit_bytes: int = 100) -> tuple[str, int]:
    """Return what is kept of the texts, added one after the other."""
    text = KeptText(limit_bytes)
    for added in texts:
        text.add(added)
    return text.read()


def test_a_short_text_is_kept_whole() -> None:
    assert kept("one\n", "two\n") == ("one\ntwo\n", 0)


def test_of_a_long_text_the_oldest_lines_are_dropped_and_counted() -> None:
    lines = [f"line {number:03}\n" for number in range(1000)]
    assert kept(*lines) == ("".join(lines[-11:]), 989 * 9)


def test_a_line_that_fits_exactly_is_not_dropped() -> None:
    assert kept("x\n", "y" * 99 + "\n") == ("y" * 99 + "\n", 2)


def test_of_one_endless_line_the_end_is_kept_in_whole_characters() -> None:
    text, dropped_bytes = kept("€" * 1000)
    assert text == "€" * 33
    assert dropped_bytes == 3 * (1000 - 33)


def test_an_endless_line_that_ends_keeps_its_end() -> None:
    assert kept("x" * 1000 + "\n") == ("x" * 99 + "\n", 901)


def test_what_no_database_keeps_is_made_harmless() -> None:
    assert kept("a\x00b \ud800 c") == ("a\ufffdb ? c", 0)


@given(st.lists(st.text(max_size=60), max_size=40), st.integers(min_value=4, max_value=80))
def test_the_end_is_kept_within_the_limit_and_nothing_is_miscounted(
    texts: list[str], limit_bytes: int
) -> None:
    text, dropped_bytes = kept(*texts, limit_bytes=limit_bytes)
    said = "".join(texts).replace("\x00", "\ufffd").encode()
    assert len(text.encode()) <= limit_bytes
    assert said.endswith(text.encode())
    assert dropped_bytes + len(text.encode()) == len(said)
    assert text or not said
