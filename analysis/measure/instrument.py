"""What an instrument is: something that turns texts of the languages it reads into scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from analysis.measure.ragged import Ragged


@dataclass(frozen=True)
class Batch:
    """Texts of one language, with what was already made of them.

    Attributes
    ----------
    language : str
        ``en``, ``zh``, ``ko``, ``ja``, ``mixed`` or ``none``.
    texts : list of str
        As written.
    tokens : Ragged
        The stored tokens: lower-case English words, simplified Chinese words, emoji, emoji codes.
    chunks : Ragged or None
        English only: the texts split on white space once, shared by the tokens and by VADER.

    """

    language: str
    texts: list[str]
    tokens: Ragged
    chunks: Ragged | None = None

    @cached_property
    def text_of(self) -> np.ndarray:
        """The text of each token, int64, shape (tokens,)."""
        return np.repeat(np.arange(len(self.tokens)), self.tokens.lengths())


class Scores(NamedTuple):
    """One score a text; ``score`` is NaN where ``n`` is 0, never a silent zero.

    Attributes
    ----------
    score : numpy.ndarray of float64, shape (texts,)
    n : numpy.ndarray of int64, shape (texts,)
        Units that the score rests on.
    pos, neg : numpy.ndarray of float64 or None
        The warm and the cold part (both >= 0), where the instrument has sides.

    """

    score: np.ndarray
    n: np.ndarray
    pos: np.ndarray | None = None
    neg: np.ndarray | None = None


class Instrument(Protocol):
    """A named scorer. ``scale`` is the lowest and highest score it can give."""

    name: str
    languages: tuple[str, ...]
    scale: tuple[float, float]

    def score(self, batch: Batch) -> Scores:
        """Score every text of a batch whose language the instrument reads."""
        ...
