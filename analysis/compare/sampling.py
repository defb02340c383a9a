"""A probability sample of utterances for coding: how many of each stratum, with which probability, and which ones.

Probabilities are whole billionths (:data:`UNIT`), so that their sums, and with them what is drawn, are the same on
every machine. Within a stratum the sample is systematic with a random start (Särndal, Swensson & Wretman 1992, ch. 3.4
and 3.6.2) over utterances that stand cluster by cluster in random order: it spreads over clusters, has a fixed size,
and draws each utterance with its probability exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.digits import settled
from analysis.errors import ParameterError, plural

UNIT = 10**9
#: So many clusters a group the sample is to reach, where there are so many.
LEAST_CLUSTERS = 15
#: Utterances of a stratum that are drawn at least, where the sample has room for them.
_LEAST = 2
#: The probability of an utterance goes with its cluster's size in the stratum to minus this: 0 is alike for all, 1
#: gives each cluster as many. The first that reaches enough clusters is taken.
_POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BANDS = ("low", "middle", "high")
UNSCORED = "unscored"


class Stratum(NamedTuple):
    """Utterances of a stratum: their places in the frame, their probabilities in billionths, and their clusters."""

    rows: np.ndarray
    chances: np.ndarray
    clusters: np.ndarray


class Design(NamedTuple):
    """How a wave is drawn.

    Attributes
    ----------
    probability : numpy.ndarray of float64, shape (utterances,)
        Of being drawn; never 0.
    strata : list of Stratum
    groups : pandas.DataFrame
        ``group, utterances, clusters, drawn, power``: with power 0 utterances of a stratum are drawn alike, else those
        of large clusters less often, so that more clusters are reached.

    """

    probability: np.ndarray
    strata: list[Stratum]
    groups: pd.DataFrame

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a wave with a generator of its own; return which utterances are in it (bool)."""
        taken = np.zeros(len(self.probability), dtype=bool)
        for stratum in self.strata:
            taken[stratum.rows] = systematic(stratum.chances, stratum.clusters, rng)
        return taken


def score_bands(scores: np.ndarray) -> np.ndarray:
    """Return for each score its third among those given, and ``unscored`` where there is none.

    Parameters
    ----------
    scores : numpy.ndarray of float64, shape (utterances,)

    Returns
    -------
    numpy.ndarray of str
        Ties are in one band, so that bands may be of unequal size or, where nearly all scores are one, fewer.

    Examples
    --------
    >>> score_bands(np.array([5.0, 1.0, np.nan, 3.0])).tolist()
    ['high', 'low', 'unscored', 'middle']

    """
    scores = settled(scores)
    known = np.sort(scores[~np.isnan(scores)])
    out = np.full(len(scores), UNSCORED, dtype=object)
    if len(known):
        cuts = known[[(len(known) - 1) // 3, 2 * (len(known) - 1) // 3]]
        bands = np.array(_BANDS, dtype=object)[np.searchsorted(cuts, scores)]
        out = np.where(np.isnan(scores), out, bands)
    return out


def share_evenly(sizes: np.ndarray, total: int) -> np.ndarray:
    """Share a number out evenly, to none more than it has; as whole numbers, the first ones getting what is left over.

    Examples
    --------
    >>> share_evenly(np.array([10, 2, 10]), 15).tolist()
    [7, 2, 6]

    """
    out, left = np.zeros(len(sizes), dtype=np.int64), min(total, int(np.sum(sizes)))
    while left:
        open_ = np.flatnonzero(out < sizes)
        more = np.full(len(open_), left // len(open_))
        more[: left % len(open_)] += 1
        more = np.minimum(more, sizes[open_] - out[open_])
        out[open_] += more
        left -= int(more.sum())
    return out


def share_in_proportion(sizes: np.ndarray, total: int) -> np.ndarray:
    """Share a number out in proportion to sizes by largest remainders, after two for each that has so many.

    Examples
    --------
    >>> share_in_proportion(np.array([700, 299, 1]), 100).tolist()
    [69, 30, 1]

    """
    least = _LEAST
    out = np.minimum(sizes, least).astype(np.int64)
    while out.sum() > total:  # of a small sample each stratum gets less, but something
        least -= 1
        out = np.minimum(sizes, least).astype(np.int64)
    left, room = min(total, int(np.sum(sizes))) - int(out.sum()), sizes - out
    if left:
        parts = left * room
        out += parts // room.sum()
        first = np.argsort(-(parts % room.sum()), kind="stable")
        out[first[: min(total, int(np.sum(sizes))) - int(out.sum())]] += 1
    return out


def inclusion(sizes: np.ndarray, number: int, power: float) -> np.ndarray:
    """Return the probabilities of the utterances of a stratum, which sum to how many are drawn.

    Parameters
    ----------
    sizes : numpy.ndarray of int64, shape (utterances,)
        For each, how many of the stratum are of its cluster.
    number : int
        How many are drawn, at most all.
    power : float
        Probabilities go with ``sizes ** -power``; those that would be above 1 are 1.

    Returns
    -------
    numpy.ndarray of int64
        In billionths, summing to ``number * UNIT`` exactly.

    """
    weights, certain = settled(sizes.astype(float) ** -power), np.zeros(len(sizes), dtype=bool)
    while True:
        free = ~certain
        chances = np.ones(len(sizes))
        chances[free] = weights[free] * settled((number - certain.sum()) / max(weights[free].sum(), 1e-300))
        over = free & (settled(chances) >= 1)
        if not over.any() or not free.any():
            break
        certain |= over
    out = np.where(certain, UNIT, np.floor(settled(chances) * UNIT)).astype(np.int64)
    out = np.clip(out, 1, UNIT)
    # What rounding left over or took too much goes to those that can have it, a few billionths each.
    while left := number * UNIT - int(out.sum()):
        able = np.flatnonzero(out < UNIT if left > 0 else out > 1)
        step = np.zeros(len(able), dtype=np.int64) + abs(left) // len(able)
        step[: abs(left) % len(able)] += 1
        out[able] += np.minimum(step, UNIT - out[able]) if left > 0 else -np.minimum(step, out[able] - 1)
    return out


def systematic(chances: np.ndarray, clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw utterances with given probabilities, spread over clusters.

    Parameters
    ----------
    chances : numpy.ndarray of int64, shape (utterances,)
        In billionths, at most :data:`UNIT`.
    clusters : numpy.ndarray of int64, shape (utterances,)
        Whole numbers from 0 on.

    Returns
    -------
    numpy.ndarray of bool

    """
    place = rng.permutation(int(clusters.max()) + 1)[clusters]
    order = np.lexsort((rng.permutation(len(chances)), place))
    passed = (np.cumsum(chances[order]) + int(rng.integers(UNIT))) // UNIT
    taken = np.zeros(len(chances), dtype=bool)
    taken[order] = np.diff(passed, prepend=0) > 0
    return taken


def clusters_reached(chances: np.ndarray, strata: np.ndarray, clusters: np.ndarray) -> tuple[float, float]:
    """Return the expectation of how many clusters a systematic sample reaches, and (an upper bound of) its SD.

    In a stratum a cluster is reached with the sum of its probabilities, at most 1, since its utterances stand together;
    strata are independent.
    """
    by = pd.Series(chances / UNIT).groupby([clusters, strata]).sum().clip(upper=1.0)
    missed = (1.0 - by).groupby(level=0).prod()
    return float(settled((1 - missed).sum())), float(settled(np.sqrt((missed * (1 - missed)).sum())))


def design(frame: pd.DataFrame, codes: int) -> Design:
    """Design a wave of a stratified sample, with as many utterances from each group.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``group, stratum, cluster_id``: an utterance a row, in an order that is always the same; a stratum lies within
        one group.
    codes : int
        How many are drawn, or all where there are fewer.

    Raises
    ------
    ParameterError
        If there are fewer codes than strata: then some could never be drawn.

    """
    group, stratum, cluster = (frame[name].to_numpy(dtype=str) for name in ("group", "stratum", "cluster_id"))
    names, strata, counts = np.unique(stratum, return_inverse=True, return_counts=True)
    if codes < len(names):
        message = f"{plural(codes, 'code')}: there are {len(names)} strata (accepted: {len(names)} or more)"
        raise ParameterError(message)
    groups, sizes = np.unique(group, return_counts=True)
    inside = [np.unique(strata[group == name]) for name in groups]
    wanted = np.maximum(share_evenly(sizes, codes), [len(own) for own in inside])
    while wanted.sum() > min(codes, len(frame)):  # a group of many strata has got more than its share
        wanted[np.argmax(np.where(wanted > [len(own) for own in inside], wanted, -1))] -= 1
    chances, out, rows = np.zeros(len(frame), dtype=np.int64), [], []
    for name, own, number in zip(groups, inside, wanted.tolist(), strict=True):
        mine = np.flatnonzero(group == name)
        clusters = np.unique(cluster[mine], return_inverse=True)[1]
        numbers = dict(zip(own.tolist(), share_in_proportion(counts[own], number).tolist(), strict=True))
        chances[mine], power = _reaching(strata[mine], clusters, numbers)
        for one in own:
            at = mine[strata[mine] == one]
            out.append(Stratum(at, chances[at], np.unique(cluster[at], return_inverse=True)[1]))
        rows.append((name, len(mine), len(np.unique(clusters)), number, power))
    table = pd.DataFrame(rows, columns=["group", "utterances", "clusters", "drawn", "power"])
    return Design(chances / UNIT, out, table)


def _reaching(strata: np.ndarray, clusters: np.ndarray, numbers: dict[int, int]) -> tuple[np.ndarray, float]:
    """Return the probabilities that reach enough clusters and are the least unequal; it looks at no sample for it."""
    wanted = min(LEAST_CLUSTERS, len(np.unique(clusters)))
    for power in _POWERS:
        chances = np.zeros(len(strata), dtype=np.int64)
        for stratum, number in numbers.items():
            of = strata == stratum
            sizes = np.bincount(clusters[of])[clusters[of]]
            chances[of] = inclusion(sizes, number, power)
        mean, sd = clusters_reached(chances, strata, clusters)
        if mean - 2 * sd >= wanted:
            break
    return chances, power


def joined(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return the probability of being in one of two independent samples at least.

    Examples
    --------
    >>> joined(np.array([0.5, 0.0]), np.array([0.5, 0.25])).tolist()
    [0.75, 0.25]

    """
    return 1.0 - (1.0 - before) * (1.0 - now)
