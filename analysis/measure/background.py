"""Ordinary language: how often words occur in it, for priors and baselines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache

_COMMON = 1e-5


class _Shares(Mapping[str, float]):
    """Shares of a whole, of frequencies that are held once."""

    def __init__(self, frequencies: Mapping[str, float]) -> None:
        self._frequencies = frequencies
        self._whole = math.fsum(frequencies.values())  # exact, in whatever order

    def __getitem__(self, word: str) -> float:
        return self._frequencies[word] / self._whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._frequencies)

    def __len__(self) -> int:
        return len(self._frequencies)

    def values(self) -> list[float]:  # the least of them is asked for with every pair of groups
        return [frequency / self._whole for frequency in self._frequencies.values()]


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

    return _Shares(get_frequency_dict(language) if language in {"en", "zh"} else {})


@cache
def common_words() -> Mapping[str, bool]:
    """Return the English words that occur once in a million words or more; True for those ten times as common."""
    return {word: share >= _COMMON for word, share in frequent_words("en").items()}


@cache
def frequent_words(language: str) -> Mapping[str, float]:
    """Return the share of each word that occurs once in a million words of ordinary language or more (wordfreq)."""
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (see above)

    return get_frequency_dict(language, "small")
