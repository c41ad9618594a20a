"""The numbers along a chart's axis. Pure arithmetic."""

import math
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)
# Below it a fifth of a span may be no number any more (5e-324 is the smallest one).
SMALLEST_SPAN = 1e-300


@dataclass(frozen=True)
class Scale:
    """Evenly spaced round numbers that enclose the values, drawn from `bottom` up to `top`."""

    ticks: tuple[float, ...]
    digits: int
    bottom: float
    top: float

    def position(self, value: float) -> float:
        """Return where `value` is drawn, in the units of `bottom` and `top`."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom + (value - low) / (high - low) * (self.top - self.bottom)


def scale_for(
    low: float, high: float, bottom: float, top: float, wanted: int = 5, *, whole: bool = False
) -> Scale:
    """Return a scale with about `wanted` ticks that encloses `low` and `high`.

    With `whole` no tick is a fraction: there are no 0.4 runs.
    """
    if low == high:
        low, high = min(low, 0), max(high, 0)
    if high - low < SMALLEST_SPAN:
        high = low + 1
    step = _round_step((high - low) / wanted, whole=whole)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    # Multiplied, not summed up: 0.1 + 0.1 + 0.1 is not 0.3.
    ticks = tuple(number * step for number in range(first, last + 1))
    return Scale(ticks, _digits(step), bottom, top)


def _round_step(rough: float, *, whole: bool) -> float:
    if whole:
        rough = max(rough, 1)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    steps = (step * magnitude for step in STEPS)
    fitting = (step for step in steps if step.is_integer()) if whole else steps
    return next(step for step in fitting if step >= rough * 0.999)


def _digits(step: float) -> int:
    """Return how many digits behind the point tell the ticks apart."""
    for digits in range(7):
        if abs(round(step, digits) - step) < step * 1e-6:
            return digits
    return 6
