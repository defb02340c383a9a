"""How far the scores of an instrument agree with human labels of the same texts.

Every measure is over all labelled texts: a text that an instrument does not score counts as the middle of what is
neutral to it, so that an instrument gains nothing by keeping silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, effective_clusters
from analysis.corpus.spreadsheet import with_points
from analysis.digits import settled
from analysis.errors import ParameterError

MEASURES = ("r", "auc", "accuracy", "f1")
DRAWS = 1000

POSITIVE, NEUTRAL, NEGATIVE = 1, 0, -1
#: What common words for a class are taken to mean; see :func:`label_words`.
DEFAULT_WORDS: Mapping[int, frozenset[str]] = {
    tone: frozenset(words.split())
    for tone, words in {
        POSITIVE: "positive pos 1 happy happiness joy love 正面 积极 正向 开心 高兴 喜悦",
        NEUTRAL: "neutral neu 0 中性 中立",
        NEGATIVE: "negative neg -1 angry anger sad sadness fear disgust hate 负面 消极 负向 生气 愤怒 悲伤 恐惧 厌恶",
    }.items()
}
_CONSTANT = 1e-12
_DEFINED = 0.95
_AT_ONCE = 2_000_000


class Gold(NamedTuple):
    """What humans said of each text: a number or a class, NaN where there is none.

    Attributes
    ----------
    number : numpy.ndarray of float64, shape (texts,)
    tone : numpy.ndarray of float64, shape (texts,)
        1 positive, 0 neutral, -1 negative.
    left_out : dict of str to int
        Labels that are neither a number nor in any set of words, with how often each stands; sorted.
    blank : int
        Texts without a label.

    """

    number: np.ndarray
    tone: np.ndarray
    left_out: dict[str, int]
    blank: int

    @property
    def labelled(self) -> np.ndarray:
        """Whether a text has a usable label, shape (texts,)."""
        return ~(np.isnan(self.number) & np.isnan(self.tone))

    def take(self, at: np.ndarray) -> Gold:
        """Return the labels of some texts."""
        return self._replace(number=self.number[at], tone=self.tone[at])


def label_words(
    positive: Sequence[str] = (), negative: Sequence[str] = (), neutral: Sequence[str] = ()
) -> dict[int, frozenset[str]]:
    """Return the words of each class: those given, for a class without any the default ones that are not given.

    Raises
    ------
    ParameterError
        If a word is given for two classes.

    Examples
    --------
    >>> words = label_words(positive=["Joy", "fear"])
    >>> sorted(words[POSITIVE]), "fear" in words[NEGATIVE]
    (['fear', 'joy'], False)

    """
    given = {
        tone: frozenset(filter(None, map(_plain, words)))
        for tone, words in ((POSITIVE, positive), (NEUTRAL, neutral), (NEGATIVE, negative))
    }
    counts = Counter(word for words in given.values() for word in words)
    twice = sorted(word for word, count in counts.items() if count > 1)
    if twice:
        message = f"the label '{twice[0]}' is given for two classes (accepted: one of positive, negative, neutral)"
        raise ParameterError(message)
    return {tone: words or DEFAULT_WORDS[tone] - set(counts) for tone, words in given.items()}


def _plain(label: str) -> str:
    """Make labels alike: lower case, and a whole number without sign or decimals."""
    bare = label.strip().lower()
    number = _number(bare)
    return str(int(number)) if number == np.round(number) else bare


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def read_gold(cells: Sequence[str | None], words: Mapping[int, frozenset[str]] | None = None) -> Gold:
    """Read human labels as numbers or as classes.

    Parameters
    ----------
    cells : sequence of str or None, shape (texts,)
    words : mapping of int to frozenset of str, optional
        The words of each class, of :func:`label_words`. Without them, a column most of whose labels are numbers is
        used as numbers, and as classes too if these are -1 and 1, or -1, 0 and 1; any other column as classes, with
        :data:`DEFAULT_WORDS`.

    Examples
    --------
    >>> read_gold(["Happy", "sad", "surprise", None, "neutral"]).tone.tolist()
    [1.0, -1.0, nan, nan, 0.0]
    >>> read_gold(["0.5", "-2", "3"]).number.tolist(), read_gold(["0,5", "-2", "3"]).number.tolist()
    ([0.5, -2.0, 3.0], [0.5, -2.0, 3.0])

    """
    labels = with_points(["" if cell is None else cell.strip() for cell in cells])
    filled = np.array([bool(label) for label in labels], dtype=bool)
    number = np.array([_number(label) for label in labels], dtype=float)
    tone = np.full(len(labels), np.nan)
    if words is None and (~np.isnan(number)).sum() * 2 > filled.sum():
        kinds = set(np.unique(number[~np.isnan(number)]).tolist())
        if {-1.0, 1.0} <= kinds <= {-1.0, 0.0, 1.0}:
            tone = number.copy()
    else:
        number = np.full(len(labels), np.nan)
        meant = {word: value for value, some in (words or DEFAULT_WORDS).items() for word in some}
        tone = np.array([meant.get(_plain(label), np.nan) for label in labels], dtype=float)
    unused = filled & np.isnan(number) & np.isnan(tone)
    left_out = Counter(labels[i] for i in np.flatnonzero(unused).tolist())
    return Gold(number, tone, dict(sorted(left_out.items())), int((~filled).sum()))


def agreement(
    scores: Mapping[str, np.ndarray],
    bands: Mapping[str, tuple[float, float]],
    gold: Gold,
    rng: np.random.Generator,
    clusters: Sequence[str | None] | None = None,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Hold instruments against the labels, each measure with a 95 % percentile bootstrap interval.

    Parameters
    ----------
    scores : mapping of str to numpy.ndarray of float64, shape (texts,)
        For each instrument the scores of the texts, all of one language; NaN: not scored.
    bands : mapping of str to tuple of float
        The lowest and the highest neutral score of each instrument.
    clusters : sequence of str or None, shape (texts,), optional
        The thread of each text (None or empty: the text is its own); without it the texts are the units.

    Returns
    -------
    pandas.DataFrame
        One row an instrument: ``instrument``; ``n`` labelled texts; ``scored`` of them; ``coverage``, their share;
        ``units``, the effective number of units; then each measure with ``_low`` and ``_high``, NaN where it is not
        defined. Without an interval: fewer than 5 effective units, or a measure undefined in over 5 % of the draws.

    Notes
    -----
    With x the score, y the label, and the middle of the neutral band for an unscored text:

    - ``r`` is Pearson's correlation with a label that is a number.
    - ``auc`` is P(x+ > x-) + P(x+ = x-) / 2 for a positive and a negative text, the Mann-Whitney U over the number of
      pairs (Hanley & McNeil 1982); neutral texts play no part.
    - ``accuracy`` and ``f1`` compare three classes. A score is neutral within the band, its ends included. ``f1`` is
      the unweighted mean of 2 TP / (2 TP + FP + FN) over the classes that the labels have (where the labels know no
      neutral, a neutral score is a miss).

    A draw takes units with replacement (Efron & Tibshirani 1993), the same units for every instrument. Percentiles of
    few units' draws are too near to each other (six clusters: .82 to .89): they are taken at the normal probability of
    sqrt(n / (n - 1)) t, t on n - 1 degrees of freedom (Hesterberg 2015, The American Statistician 69:371), n = units.

    """
    at = np.flatnonzero(gold.labelled)
    few, values = _simulate(scores, bands, gold, rng, clusters, draws)
    rows = []
    for name, score in scores.items():
        scored = int((~np.isnan(score[at])).sum())
        row = {"instrument": name, "n": len(at), "scored": scored, "coverage": scored / len(at) if len(at) else np.nan}
        row["units"] = few
        for measure in MEASURES:
            drawn = values[name, measure]
            row[measure] = drawn[0]
            row[f"{measure}_low"], row[f"{measure}_high"] = _interval(drawn, few)
        rows.append(row)
    columns = ["instrument", "n", "scored", "coverage", "units"]
    columns += [f"{measure}{part}" for measure in MEASURES for part in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=columns)


def _simulate(
    scores: Mapping[str, np.ndarray],
    bands: Mapping[str, tuple[float, float]],
    gold: Gold,
    rng: np.random.Generator,
    clusters: Sequence[str | None] | None,
    draws: int,
) -> tuple[float, dict[tuple[str, str], np.ndarray]]:
    """Return the effective units, and for each instrument and measure its value and its draws, shape (1 + draws,)."""
    at = np.flatnonzero(gold.labelled)
    units = np.arange(len(at)) if clusters is None else _units(np.asarray(clusters, dtype=object)[at])
    own = gold.take(at)
    found: dict[tuple[str, str], list[np.ndarray]] = {(name, m): [] for name in scores for m in MEASURES}
    for weights in _weights(units, draws, rng):
        for name, score in scores.items():
            for measure, values in _figures(score[at], bands[name], own, weights).items():
                found[name, measure].append(values)
    return effective_clusters(np.bincount(units)), {key: np.concatenate(values) for key, values in found.items()}


def _units(clusters: np.ndarray) -> np.ndarray:
    """Give each cluster a number; a text without one is a cluster of its own."""
    codes = pd.factorize(np.where(clusters == "", None, clusters))[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _weights(units: np.ndarray, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield how often each text stands in each draw, shape (texts, some of the draws); first the texts themselves."""
    yield np.ones((len(units), 1))
    count = int(units.max(initial=-1)) + 1
    step = max(1, _AT_ONCE // max(len(units), 1))
    for start in range(0, draws if count else 0, step):
        width = min(step, draws - start)
        picks = rng.integers(count, size=(count, width)) * width + np.arange(width)
        times = np.bincount(picks.ravel(), minlength=count * width).reshape(count, width)
        yield times[units].astype(float)


def _figures(score: np.ndarray, band: tuple[float, float], gold: Gold, weights: np.ndarray) -> dict[str, np.ndarray]:
    low, high = settled(band)
    away = np.nan_to_num(score - (low + high) / 2)
    score = settled(score)
    said = (score > high).astype(int) - (score < low)
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy, f1 = _classes(said, gold.tone, weights)
        return {
            "r": _pearson(away, gold.number, weights),
            "auc": _auc(away, gold.tone, weights),
            "accuracy": accuracy,
            "f1": f1,
        }


def _pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    at = np.flatnonzero(~np.isnan(y))
    if len(at) < 2 or np.ptp(x[at]) == 0 or np.ptp(y[at]) == 0:  # noqa: PLR2004  (two points make a line)
        return np.full(weights.shape[1], np.nan)
    x, y = ((v - v.mean()) / v.std() for v in (x[at], y[at]))
    sums = _sums(np.stack([np.ones(len(at)), x, y, x * x, y * y, x * y]), weights[at])
    n, x_mean, y_mean, xx, yy, xy = sums[0], *(sums[1:] / sums[0])
    variance = np.stack([xx - x_mean**2, yy - y_mean**2])
    variance[variance < _CONSTANT] = np.nan
    return np.where(n > 0, (xy - x_mean * y_mean) / np.sqrt(variance.prod(axis=0)), np.nan)


def _auc(x: np.ndarray, tone: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sided = np.flatnonzero(np.abs(tone) == 1)
    order = sided[np.argsort(x[sided], kind="stable")]
    positive = tone[order, None] > 0
    if positive.all() or not positive.any():
        return np.full(weights.shape[1], np.nan)
    ties = np.flatnonzero(np.diff(x[order], prepend=-np.inf) > 0)
    ranked = weights[order]
    up = np.add.reduceat(np.where(positive, ranked, 0.0), ties, axis=0)
    down = np.add.reduceat(np.where(positive, 0.0, ranked), ties, axis=0)
    below = np.cumsum(down, axis=0) - down / 2
    return (up * below).sum(axis=0) / (up.sum(axis=0) * down.sum(axis=0))


def _classes(said: np.ndarray, tone: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tones = np.array([NEGATIVE, NEUTRAL, POSITIVE])
    known = [value for value in tones if (tone == value).any()]
    if len(known) < 2:  # noqa: PLR2004  (of one class every instrument that always names it is right)
        nothing = np.full(weights.shape[1], np.nan)
        return nothing, nothing
    hits = _sums((said == tone) & (tone == tones[:, None]), weights)
    labelled = _sums(tone == tones[:, None], weights)
    named = _sums((said == tones[:, None]) & ~np.isnan(tone), weights)
    f1 = np.nan_to_num(2 * hits / (labelled + named))[np.isin(tones, known)]
    return hits.sum(axis=0) / labelled.sum(axis=0), f1.mean(axis=0)


def _sums(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    # No matrix product: BLAS threads wait for each other, and on a busy machine for longer than they compute.
    return np.einsum("ij,jk->ik", values.astype(float), weights)


def _interval(values: np.ndarray, units: float) -> tuple[float, float]:
    """Return two percentiles of the draws, which follow the estimate: of many units the 2.5th and 97.5th."""
    drawn = values[1:][~np.isnan(values[1:])]
    if settled(units) < FEW_FOR_INTERVAL or not len(drawn) or len(drawn) < _DEFINED * (len(values) - 1):
        return np.nan, np.nan
    tail = ndtr(-np.sqrt(units / (units - 1)) * stdtrit(units - 1, 0.975))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)
