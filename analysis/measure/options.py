"""The instruments: their scales, their languages, and the scores that each has a second time."""

from __future__ import annotations

from analysis.parameters import Options

DEFAULT = Options()

#: The instruments that need no file, and the scale of each. Notebooks read it without importing the instruments.
SCALES = {
    "vader": (-1.0, 1.0),
    "labmt": (1.0, 9.0),
    "nrcvad": (0.0, 1.0),
    "zh_rules": (-1.0, 1.0),
    "emoji": (-1.0, 1.0),
}
#: The languages that they read.
READS = {
    "vader": ("en",),
    "labmt": ("en", "zh"),
    "nrcvad": ("en", "zh"),
    "zh_rules": ("zh",),
    "emoji": ("en", "zh", "ko", "ja", "mixed", "none"),
}
#: Those whose words can be masked, each measured a second time without masks.
MASKED = ("vader", "labmt", "nrcvad", "zh_rules", "labmt_linked")
UNMASKED = "_unmasked"
#: Those whose tone holds laughter, each measured (masked) a second time with the other choice of `Options.laughter`.
LAUGHING = ("vader", "labmt", "nrcvad", "zh_rules", "emoji", "labmt_linked")
OTHER_LAUGHTER = "_other_laughter"


def signed_scale(low: float, high: float) -> tuple[float, float]:
    """Return the scale of scores between two numbers: with 0 in the middle if 0 lies between them."""
    return (-max(-low, high), max(-low, high)) if low < 0 < high else (low, high)


def neutral_band(scale: tuple[float, float]) -> tuple[float, float]:
    """Return what is neutral where ordinary language tells nothing: the middle of the scale, as VADER's authors cut it.

    >>> neutral_band((-1.0, 1.0))
    (-0.05, 0.05)
    """
    middle, reach = (scale[0] + scale[1]) / 2, 0.05 * (scale[1] - scale[0]) / 2
    return (middle - reach, middle + reach)
