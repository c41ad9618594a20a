"""Makes the fonts beside this file smaller ones, of the characters that texts are written in.

    npm pack @expo-google-fonts/noto-sans-sc @expo-google-fonts/noto-sans-kr   # and unpack them
    uv run --with fonttools python subset.py NotoSansSC_400Regular.ttf NotoSansKR_400Regular.ttf

Of Noto Sans SC stay the characters of GB 2312, Big5 and JIS X 0208, of Noto Sans KR all Hangul:
what national standards call the characters in use. The whole fonts are twice as large.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
STANDARDS = ("gb2312", "big5", "shift_jis")
# Punctuation, kana, enclosed and full-width forms; Hangul with its parts.
EAST_ASIAN = (range(0x3000, 0x3400), range(0xFE30, 0xFE50), range(0xFF00, 0xFFF0))
HANGUL = (
    range(0x1100, 0x1200),
    range(0x3130, 0x3190),
    range(0xA960, 0xA980),
    range(0xAC00, 0xD7FC),
)
FIRST_HAN = 0x2E80


def main(chinese: str, korean: str) -> None:
    """Write both subsets."""
    wanted = {code for standard in STANDARDS for code in _codes_of(standard)}
    subset(chinese, HERE / "NotoSansSC-subset.ttf", wanted.union(*EAST_ASIAN))
    subset(korean, HERE / "NotoSansKR-subset.ttf", set().union(*HANGUL))


def subset(font: str, to: Path, codes: Iterable[int]) -> None:
    """Write the glyphs of `font` for these code points, without hints, to `to`."""
    listed = ",".join(f"{code:X}" for code in sorted(codes))
    command = [sys.executable, "-m", "fontTools.subset", font, f"--unicodes={listed}"]
    features = ["--no-hinting", "--layout-features=ccmp,kern,locl,ljmo,vjmo,tjmo"]
    subprocess.run([*command, *features, f"--output-file={to}"], check=True)


def _codes_of(standard: str) -> Iterable[int]:
    """Yield the East Asian code points of an encoding of Python."""
    for first in range(0x81, 0xFF):
        for second in range(0x40, 0xFF):
            character = bytes([first, second]).decode(standard, errors="ignore")
            if len(character) == 1 and ord(character) >= FIRST_HAN:
                yield ord(character)


if __name__ == "__main__":
    main(*sys.argv[1:])
