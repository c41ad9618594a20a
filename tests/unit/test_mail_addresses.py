"""What counts as an address that mail can be sent to, and how the wire has it."""

import pytest

from jobs.mails.addresses import plain_address


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        (" ada@example.org ", "ada@example.org"),
        ("o'hara+reports@example.org", "o'hara+reports@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("用户@example.org", "用户@example.org"),
        # Vowel signs are no letters to Python.
        ("डाटामेल@example.org", "डाटामेल@example.org"),
    ],
)
def test_only_the_domain_is_put_in_ascii(address: str, plain: str) -> None:
    assert plain_address(address) == plain


@pytest.mark.parametrize(
    "address",
    [
        "", "ada", "@example.org", "ada@", "a da@example.org", '"ada"@example.org',
        "ada@example.org>\r\nDATA", "ada\n@example.org", "ada@exa mple.org", "ada@[127.0.0.1]",
        "jörg\u2028@example.org", "jörg\u0085@example.org", "jörg\u202e@example.org",
        "ada@" + "ü" * 70 + ".example", "ada@..ü", "jörg\ud800@example.org",
    ],
)  # fmt: skip
def test_what_could_end_a_header_or_a_command_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        plain_address(address)
