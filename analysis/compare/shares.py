"""Intervals of shares of 0 and 1, and of their contrasts, that hold for rare events and for clusters.

A share near 0 has no jackknife variance where a side has no hit, and too small a one where few clusters carry the
hits. Its interval is Jeffreys' on the effective number of utterances, n / design effect (Korn & Graubard 1998, Survey
Methodology 24:193; Brown, Cai & DasGupta 2001, Statistical Science 16:101). The interval of a difference or a ratio of
two shares is made of theirs by MOVER (Newcombe 1998, Statistics in Medicine 17:873; Zou & Donner 2008, the same
27:1693; for ratios Donner & Zou 2012, Statistical Methods in Medical Research 21:347): both come from one equation, so
that a difference excludes 0 exactly where the ratio excludes 1.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

from analysis.compare.clusters import Side
from analysis.compare.jackknife import deviations
from analysis.digits import settled

#: The correlation between two utterances of a cluster that is assumed where no hit can tell, and the largest one to
#: which a design effect is stretched because few clusters carry the hits.
ASSUMED, MOST = 0.02, 0.1
#: The fewest degrees of freedom that t is asked for.
LEAST_FREE = 0.5
#: The larger of two shares under this: the contrast is judged by their ratio.
RARE = 0.1
#: The smallest effects of interest, stated before looking: 5 points, or a ratio of 1.5 where both shares are rare.
OF_INTEREST_POINTS, OF_INTEREST_RATIO = 5.0, 1.5
OF_INTEREST_LOG2 = float(np.log2(OF_INTEREST_RATIO))
_SMALLEST_P = 1e-12


class Share(NamedTuple):
    """What is known of one group's share; every field of one shape.

    Attributes
    ----------
    share : numpy.ndarray of float64
    n : numpy.ndarray of float64
        Utterances; where they weigh unequally, their effective number (Kish 1965).
    design : numpy.ndarray of float64
        The design effect: the jackknife's variance by that of independent utterances; 1 where there is none.
    carriers : numpy.ndarray of float64
        The effective number of clusters that carry the hits or the misses, whichever are rarer: (sum h)^2 / sum h^2.
    effective : numpy.ndarray of float64
        The effective number of clusters G*.

    """

    share: np.ndarray
    n: np.ndarray
    design: np.ndarray
    carriers: np.ndarray
    effective: np.ndarray

    @property
    def constant(self) -> np.ndarray:
        """Whether all utterances are hits, or none is."""
        return settled(np.minimum(self.share, 1 - self.share)) <= 0

    @property
    def variance(self) -> np.ndarray:
        """The variance, never less than that of independent utterances."""
        return self.share * (1 - self.share) * np.maximum(self.design, 1) / self.n


def make_share(total: np.ndarray, weight: np.ndarray, n: float | np.ndarray) -> Share:
    """Sum up clusters.

    Parameters
    ----------
    total, weight : numpy.ndarray of float64, shape (..., clusters)
        Weighted hits and weights by cluster.
    n : float or numpy.ndarray, shape (...)
        Utterances, or their effective number.

    """
    whole = weight.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Sums of weights that are no whole numbers end in other last digits than their parts.
        share = np.clip(total.sum(axis=-1) / whole, 0, 1)
        share = np.where(share < _SMALLEST_P, 0.0, np.where(share > 1 - _SMALLEST_P, 1.0, share))
        rest = whole[..., None] - weight
        without = (total.sum(axis=-1)[..., None] - total) / rest
        variance = np.square(deviations(without, axis=-1)).sum(axis=-1)
        effective = whole**2 / np.square(weight).sum(axis=-1)
        carried = np.where((share > 0.5)[..., None], weight - total, total)  # noqa: PLR2004
        carriers = carried.sum(axis=-1) ** 2 / np.square(carried).sum(axis=-1)
        mixed = (share > 0) & (share < 1)
        design = np.where(mixed, variance * n / (share * (1 - share)), 1.0)
    return Share(share, np.asarray(n, dtype=float), design, np.where(mixed, carriers, 0.0), effective)


#: What was summed up, as long as the sides are in use.
_KNOWN: WeakKeyDictionary[Side, Share] = WeakKeyDictionary()


def share_of(side: Side) -> Share:
    """Sum up one side, once: a group's stands in contrasts with all others."""
    if side not in _KNOWN:
        _KNOWN[side] = make_share(side.total, side.weight, side.effective_n)
    return _KNOWN[side]


def share_limits(one: Share, alpha: float | np.ndarray = 0.05) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the limits of a share.

    Jeffreys' interval for share * m hits of m, with m = n / d the effective number of utterances. The design effect d
    is the larger of deff (t_G / z)^2, with t on G* - 1 degrees of freedom, and 1 + (deff - 1) (t_k / z)^2, with t on
    k - 1 (at least .5): what clusters add to the variance of independent utterances is known only from the k effective
    clusters that carry the hits. The second goes no further than 1 + .1 (n / G* - 1), which a correlation of .1
    (:data:`MOST`) between two utterances of a cluster would give. Where hardly any cluster carries a hit, the design
    effect is at least 1 + .02 (n / G* - 1) (:data:`ASSUMED`), with weight 1 / (1 + k^2): all of it without a hit.

    Parameters
    ----------
    alpha : float or numpy.ndarray
        1 - the level of confidence.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper limits; 0 where there is no hit, 1 where there are no others.

    """
    m = independent(one, alpha)
    hits, misses = one.share * m, (1 - one.share) * m
    with np.errstate(invalid="ignore"):
        low = np.where(hits > 0, betaincinv(hits + 0.5, misses + 0.5, alpha / 2), 0.0)
        high = np.where(misses > 0, betaincinv(hits + 0.5, misses + 0.5, 1 - alpha / 2), 1.0)
    return np.minimum(low, one.share), np.maximum(high, one.share)


def independent(one: Share, alpha: float | np.ndarray = 0.05) -> np.ndarray:
    """Return m: how many independent utterances tell as much of a share as these, for limits at this level."""
    z = ndtri(1 - alpha / 2)

    def stretch(free: np.ndarray) -> np.ndarray:
        return (stdtrit(np.maximum(free, LEAST_FREE), 1 - alpha / 2) / z) ** 2

    free, others = one.effective - 1, one.n / one.effective - 1
    known = 1 + np.maximum(one.design - 1, 0) * stretch(np.minimum(free, one.carriers - 1))
    design = np.maximum(one.design * stretch(free), np.minimum(known, 1 + MOST * others))
    assumed = 1 + ASSUMED * others
    weight = 1 / (1 + one.carriers**2)
    design = weight * np.maximum(assumed, design) + (1 - weight) * design
    return one.n / np.maximum(design, 1)


def difference_limits(
    a: Share, b: Share, correlation: float | np.ndarray = 0.0, alpha: float | np.ndarray = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of share a - share b by MOVER: the arms of the two intervals, squared and added.

    Parameters
    ----------
    correlation : float or numpy.ndarray
        Of the two shares, which clusters on both sides give.
    alpha : float or numpy.ndarray

    """
    (low_a, high_a), (low_b, high_b) = share_limits(a, alpha), share_limits(b, alpha)
    return mover(a.share, low_a, high_a, b.share, low_b, high_b, correlation)


def mover(a, low_a, high_a, b, low_b, high_b, correlation=0.0):  # noqa: ANN001, ANN201
    """Return the limits of a - b from the limits of a and of b (Zou & Donner 2008, eq. 2 and 3).

    A limit of exactly 0 is not rare (quantiles of tied scores), and on which side of it the last bit would put it
    decides whether the interval excludes 0: difference and arm are settled before one is taken from the other.
    """
    apart = settled(a - b)

    def arm(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return settled(np.sqrt(np.maximum(x * x + y * y - 2 * correlation * x * y, 0)))

    return apart - arm(a - low_a, high_b - b), apart + arm(high_a - a, b - low_b)


def ratio_limits(a: Share, b: Share, correlation: float = 0.0, alpha: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of log2(share a / share b).

    They are the ratios R for which an end of the interval of share a - R share b, made as in
    :func:`difference_limits`, is 0 (Donner & Zou 2012, eq. 3).

    Returns
    -------
    tuple of numpy.ndarray
        Minus infinity below where a has no hit, infinity above where b has none.

    """
    lower = _root(a, b, correlation, alpha)
    # One function for both limits, so that swapping the groups turns the signs exactly.
    return lower, -_root(b, a, correlation, alpha)


def _root(a: Share, b: Share, correlation: float, alpha: float) -> np.ndarray:
    """Return log2 of the smallest R with (a - R b)^2 = x^2 - 2 r R x y + R^2 y^2, x = a - low a and y = high b - b."""
    x, y = a.share - share_limits(a, alpha)[0], share_limits(b, alpha)[1] - b.share
    # (b^2 - y^2) R^2 - 2 (a b - r x y) R + (a^2 - x^2) = 0; the smallest positive root, in a form that does not cancel.
    half = a.share * b.share - correlation * x * y
    squares = a.share**2 - x**2
    inside = np.maximum(half**2 - (b.share**2 - y**2) * squares, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a.share > 0, np.log2(settled(np.maximum(squares, 0) / (half + np.sqrt(inside)))), -np.inf)


def log_ratio(a: Share, b: Share) -> np.ndarray:
    """Return log2 of the ratio of two shares, half a hit added to each (:func:`with_direction`)."""
    halves = settled(np.log2((a.share * a.n + 0.5) / (a.n + 1))) - settled(np.log2((b.share * b.n + 0.5) / (b.n + 1)))
    return with_direction(halves, a.share - b.share)


def with_direction(ratio: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Return log ratios that have half a hit added to each side, 0 where that alone gives them their direction.

    Half a hit makes a log ratio nearly unbiased (Haldane 1956, Annals of Human Genetics 20:309), but on the smaller of
    two unequal sides it is a larger share: 0 hits of 36 would be more often than 8 of 800.
    """
    return np.where(settled(difference) * ratio > 0, ratio, 0.0)


def rare(a: Share, b: Share) -> bool:
    """Return whether a contrast is judged by the ratio: the larger share is under :data:`RARE`."""
    return bool(settled(np.maximum(a.share, b.share)) < settled(RARE))
