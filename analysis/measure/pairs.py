"""Pairs of words that translate each other, and the link between labMT's two scales that they give.

English and Chinese raters used the scale from 1 to 9 differently (Chinese ratings are compressed and centred lower),
so a link is fitted to words that translate each other, and Chinese words are rated on the English scale by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis import paths
from analysis.corpus.readers.table import read_rows, require_filled
from analysis.digits import settled
from analysis.errors import ParameterError
from analysis.measure.lexicon import REMEMBERED, Ratings, WordMeans, function_words, not_scored, read_ratings

#: The primary link and its bounds.
LINKS = ("sd", "ols", "reverse")
_FEWEST_WORDS = 3
#: A translation of so few letters is mostly how a syllable of a name sounds.
_SOUND = 2
_GLOSSES = paths.DATA / "glosses_zh.csv"

Points = TypeVar("Points", float, np.ndarray, pd.Series)


def read_pairs() -> pd.DataFrame:
    """Read the translations of labMT's Chinese file that have an English rating.

    The file stands in the package ``labMTsimple`` (not imported: its file is read as text) and gives each of the
    10,000 Chinese words one English translation (Dodds et al. 2015, PNAS 112:2389). Its header names one column fewer
    than its rows have. The English ratings are those of :func:`analysis.measure.lexicon.read_ratings`.

    Returns
    -------
    pandas.DataFrame
        ``zh, zh_rating, en, en_rating``, one row a Chinese word, in the order of the file. Several Chinese words can
        have one translation, so that rows are not independent.

    """
    file = paths.package_file("labMTsimple", "labMTsimple/data/LabMT/labMT2chinese.txt")
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    english = read_ratings("labmt", "en")
    words = [(row[0], float(row[2]), row[5].strip().lower()) for row in rows]
    found = [(zh, rating, en, english[en]) for zh, rating, en in words if en in english]
    return pd.DataFrame(found, columns=["zh", "zh_rating", "en", "en_rating"])


@cache
def own_glosses() -> dict[str, str]:
    """Return the translations of ``data/glosses_zh.csv``; do not change the dictionary."""
    rows = read_rows(_GLOSSES, ("word", "gloss"))
    for number, row in enumerate(rows, start=1):
        require_filled(row, "word", _GLOSSES, number)
        require_filled(row, "gloss", _GLOSSES, number)
    return {row["word"]: row["gloss"] for row in rows}


@cache
def glosses() -> dict[str, str]:
    """Return the English translation of Chinese words: our own, else that of :func:`read_pairs`; do not change it.

    A wrong one is worse than none. Of labMT's are left out Chinese function words, translations that are one (把 is no
    "the"), and pairs whose two ratings, linked, differ by more than twice the standard deviation of all such
    differences: raters of 罚款, a penalty, and of "fine" did not think of the same thing. Left out, too, are words in
    Latin letters, and translations of one letter or two, which are mostly how a name sounds (博 is no "bo").
    """
    pairs = read_pairs()
    away = settled(labmt_links()["sd"](pairs["zh_rating"]) - pairs["en_rating"])
    kept = np.abs(away) <= settled(2 * np.std(away))
    kept &= ~pairs["zh"].isin(function_words("zh")) & ~pairs["en"].isin(function_words("en"))
    kept &= ~pairs["zh"].map(str.isascii) & (pairs["en"].str.len() > _SOUND)
    return pairs[kept].set_index("zh")["en"].to_dict() | own_glosses()


def translation(word: str) -> str:
    """Return the translation of a Chinese word, or of what a hashtag says; nothing where none is known."""
    return glosses().get(word.removeprefix("#"), "")


@dataclass(frozen=True)
class Link:
    """A line from the Chinese scale to the English one, with its sampling variance.

    Attributes
    ----------
    name : str
    slope, intercept : float
        English points = intercept + slope x Chinese points.
    slope_variance, intercept_variance, covariance : float
        From resampling English words.
    words : float
        The effective number of English words that it rests on; infinite for a line that was not fitted.

    """

    name: str
    slope: float
    intercept: float
    slope_variance: float = 0.0
    intercept_variance: float = 0.0
    covariance: float = 0.0
    words: float = float("inf")

    def __call__(self, chinese: Points) -> Points:
        """Put Chinese points on the English scale; missing stays missing."""
        return self.intercept + self.slope * chinese

    def back(self, english: Points) -> Points:
        """Put linked points back on the Chinese scale."""
        return (english - self.intercept) / self.slope

    def variance(self, linked: float) -> float:
        """Return the sampling variance that the link adds to a linked mean.

        With m the mean in Chinese points: m^2 Var(slope) + 2 m Cov(slope, intercept) + Var(intercept). It is least
        near the middle of the translated words and grows away from it.
        """
        mean = self.back(linked)
        return mean**2 * self.slope_variance + 2 * mean * self.covariance + self.intercept_variance


def fit_links(pairs: pd.DataFrame) -> dict[str, Link]:
    """Fit the primary link and its two bounds to pairs of words.

    All three go through the means. The slope of ``sd`` is the ratio of standard deviations (linear equating: it
    matches mean and SD and treats both languages alike; Kolen & Brennan 2014, *Test Equating, Scaling, and Linking*,
    ch. 2); of ``ols`` the regression of English on Chinese, S_xy / S_xx, pulled towards 0 by error in the Chinese
    ratings; of ``reverse`` the regression of Chinese on English, turned round, S_yy / S_xy.

    Their variance is the delete-one-group jackknife with an English word as the group, since Chinese words with one
    translation share its rating: (G - 1) / G times the sum over groups of (t_(-g) - mean)(t_(-g) - mean)' for
    t = (slope, intercept).

    Parameters
    ----------
    pairs : pandas.DataFrame
        ``zh_rating, en, en_rating``, as :func:`read_pairs` gives them.

    Returns
    -------
    dict of str to Link
        Keys :data:`LINKS`.

    Raises
    ------
    ParameterError
        If there are fewer than three English words, or the ratings do not rise together.

    """
    # Centred, so that the sums of squares do not lose digits; each link is moved back at the end.
    means = pairs["zh_rating"].mean(), pairs["en_rating"].mean()
    x, y = pairs["zh_rating"] - means[0], pairs["en_rating"] - means[1]
    _, word = np.unique(pairs["en"].to_numpy(), return_inverse=True)
    columns = (np.ones(len(x)), x, y, x * x, y * y, x * y)
    groups = np.stack([np.bincount(word, weights=column) for column in columns], axis=1)
    count = len(groups)
    whole = groups.sum(axis=0)
    if count < _FEWEST_WORDS or not whole[5] - whole[1] * whole[2] / whole[0] > 0:
        raise ParameterError("no link: at least three English words with ratings that rise together are needed")
    best, without = _lines(whole, means), _lines(whole - groups, means)
    effective = float(groups[:, 0].sum() ** 2 / np.square(groups[:, 0]).sum())
    out = {}
    for name in LINKS:
        spread = np.cov(without[name], bias=True) * (count - 1)
        slope, intercept = (float(value) for value in best[name])
        out[name] = Link(name, slope, intercept, *map(float, (spread[0, 0], spread[1, 1], spread[0, 1])), effective)
    return out


def _lines(sums: np.ndarray, means: tuple[float, float]) -> dict[str, np.ndarray]:
    """Return slope and intercept by link, shape (2, ...), of sums with n, x, y, xx, yy, xy along the last axis."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    s_xx, s_yy, s_xy = xx - x * x / n, yy - y * y / n, xy - x * y / n
    slopes = {"sd": np.sqrt(s_yy / s_xx), "ols": s_xy / s_xx, "reverse": s_yy / s_xy}
    return {name: np.stack([b, means[1] + y / n - b * (means[0] + x / n)]) for name, b in slopes.items()}


@cache
def labmt_links() -> dict[str, Link]:
    """Return the links of labMT's two languages; do not change the dictionary."""
    return fit_links(read_pairs())


@cache
def _linked_ratings() -> Ratings:
    link = labmt_links()["sd"]
    return Ratings({word: link(value) for word, value in read_ratings("labmt", "zh").items()})


@lru_cache(REMEMBERED)
def linked_word_means(lens: float = 0.5, *, masked: bool = True, laughter: bool = False) -> WordMeans:
    """Return ``labmt_linked``: labMT with its Chinese words rated on the English scale by the ``sd`` link.

    Others share it: do not change it.

    The link is applied to the words, before the lens: both languages then drop the words that lie within the same
    distance of the same middle. (Linked after the lens, Chinese lines come out 1.4 times as far from each other as
    their English translations; linked before, 1.05 times: ``tests/benchmarks/aligned_gap.py``.) Which words count is
    thus settled by the primary link, and the mean under another link is a line away:
    ``other(links["sd"].back(score))``, see :func:`analysis.compare.links.add_linked`.

    Parameters
    ----------
    lens : float
        In English points, in both languages.
    masked : bool
        Leave the words of ``data/masks.csv`` unscored.
    laughter : bool
        Score laughter too.

    Returns
    -------
    WordMeans
        English scores are those of ``labmt``. The scale is wider than 1 to 9 where the link leads beyond it; clipping
        would bend the line.

    """
    ratings = {"en": read_ratings("labmt", "en"), "zh": _linked_ratings()}
    middle = 5.0
    half_width = max(4.0, float(np.abs(ratings["zh"].array - middle).max()))
    masks = {language: not_scored("labmt", language, masked=masked, laughter=laughter) for language in ratings}
    name = "labmt_linked" if masked else "labmt_linked_unmasked"
    return WordMeans(name, ratings, (middle - half_width, middle + half_width), dict.fromkeys(ratings, lens), masks)
