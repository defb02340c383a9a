"""Instruments that average the ratings of a text's words: labMT, NRC-VAD, and a user's own list."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from analysis import paths
from analysis.measure.instrument import Batch, Scores
from analysis.measure.ragged import Ragged

_LABMT = {"en": "labMT/labMT_English.tsv", "zh": "labMT/labMT_Chinese.tsv"}
_MASKS = paths.DATA / "masks.csv"


@cache
def read_labmt(language: str) -> Mapping[str, float]:
    """Return labMT's happiness ratings, 1 to 9, of one language (Dodds et al. 2011, 2015), as shifterator ships them.

    Read as text, so that shifterator itself (and pandas through it) need not be imported.
    """
    return _read_pairs((files("shifterator") / "lexicons" / _LABMT[language]).read_text(encoding="utf-8"))


def _read_pairs(text: str) -> dict[str, float]:
    out = {}
    for line in text.split("\n"):
        word, tab, value = line.rstrip("\r").partition("\t")
        if tab:
            out[word] = float(value)
    return out


@cache
def read_masks(instrument: str, language: str) -> tuple[str, ...]:
    """Return the words and phrases that an instrument must not score, from ``data/masks.csv``, sorted."""
    with _MASKS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["instrument"], row["language"]) == (instrument, language)]
    return tuple(sorted(row["term"] for row in rows))


def masks_file() -> Path:
    """Return the file of masked words, for the key of what is measured."""
    return _MASKS


class WordMeans:
    """The mean rating of a text's words, near-neutral and masked words left out.

    Parameters
    ----------
    name : str
        The instrument's name.
    ratings : mapping of str to mapping of str to float
        For each language, word to rating.
    scale : tuple of float
        The lowest and the highest rating.
    lens : mapping of str to float
        For each language, how far from the middle of the scale a rating must lie to count (Dodds et al. 2011).
    masks : mapping of str to collection of str
        For each language, words that are not scored.

    """

    def __init__(
        self,
        name: str,
        ratings: Mapping[str, Mapping[str, float]],
        scale: tuple[float, float],
        lens: Mapping[str, float],
        masks: Mapping[str, Collection[str]],
    ) -> None:
        """Keep the words that count."""
        self.name, self.scale, self.languages = name, scale, tuple(ratings)
        self.middle = (scale[0] + scale[1]) / 2
        self.ratings = {
            language: {
                word: value
                for word, value in words.items()
                if abs(value - self.middle) >= lens[language] and word not in masks[language]
            }
            for language, words in ratings.items()
        }

    def values(self, tokens: Ragged, language: str) -> np.ndarray:
        """Return the rating of each token occurrence, NaN where it does not count, shape (units,)."""
        words = self.ratings[language]
        return np.array([words.get(word, np.nan) for word in tokens.vocabulary], dtype=float)[tokens.codes]

    def score(self, batch: Batch) -> Scores:
        """Return mean ratings; ``pos`` and ``neg`` are the mean distances above and below the middle."""
        values = self.values(batch.tokens, batch.language)
        scored = ~np.isnan(values)
        n = batch.tokens.sums(scored.astype(float)).astype(np.int64)
        away = np.where(scored, values - self.middle, 0.0)
        with np.errstate(invalid="ignore"):
            pos, neg = (batch.tokens.sums(np.maximum(side, 0)) / n for side in (away, -away))
            score = self.middle + batch.tokens.sums(away) / n
        return Scores(score, n, pos, neg)


def labmt(lens: float = 1.0, *, masked: bool = True) -> WordMeans:
    """Return labMT in English and Chinese.

    Parameters
    ----------
    lens : float
        In English rating points; in Chinese, whose ratings are compressed, it shrinks with the spread of the ratings
        (standard deviation .74 against 1.09), so that both drop words that are alike in their neutrality.
    masked : bool
        Leave topic words, country names, function and negation words unscored.

    """
    ratings = {language: read_labmt(language) for language in _LABMT}
    spread = {language: float(np.std(list(words.values()))) for language, words in ratings.items()}
    lenses = {language: lens * spread[language] / spread["en"] for language in ratings}
    masks = {language: frozenset(read_masks("labmt", language) if masked else ()) for language in ratings}
    return WordMeans("labmt", ratings, (1.0, 9.0), lenses, masks)
