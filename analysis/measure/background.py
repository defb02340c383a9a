"""Ordinary language: how often words occur in it, for priors and baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

_COMMON = 1e-5


@cache
def background_shares(language: str) -> Mapping[str, float]:
    """Return each word's share of ordinary language, from wordfreq (Speer 2022), summing to 1.

    ``get_frequency_dict`` is asked, because ``word_frequency`` wants a segmenter for Chinese.

    Parameters
    ----------
    language : str
        ``en`` or ``zh``; for others there are none.

    """
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (half a second that only the vocabulary needs)

    shares = get_frequency_dict(language) if language in {"en", "zh"} else {}
    whole = math.fsum(shares.values())  # exact, in whatever order
    return {word: share / whole for word, share in shares.items()}


@cache
def common_words() -> Mapping[str, bool]:
    """Return the English words that occur once in a million words or more; True for those ten times as common."""
    return {word: share >= _COMMON for word, share in frequent_words("en").items()}


@cache
def frequent_words(language: str) -> Mapping[str, float]:
    """Return the share of each word that occurs once in a million words of ordinary language or more (wordfreq)."""
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (see above)

    return get_frequency_dict(language, "small")
