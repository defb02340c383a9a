"""The difference of two means or shares, and its variance between clusters, from sums over the clusters of each side.

A permutation makes them of many draws at once: whatever is summed has any further axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from analysis.compare.clusters import Side


def columns(total: np.ndarray, weight: np.ndarray, other: np.ndarray | None = None) -> list[Any]:
    """Return total, weight, their squares and products by cluster, and what clusters on both sides share.

    The last three are, of a cluster on both sides, its total times the other side's weight, and the products of its
    totals, of its weights: they do not change when it swaps, so half stands on each side. Where no cluster is on both
    sides (``other``: total and weight of the other side, 0 without) there are none of them.
    """
    return joined((of_totals(total, weight, other), of_weights(weight, None if other is None else other[1:])))


def of_totals(total: np.ndarray, weight: np.ndarray, other: np.ndarray | None) -> list[Any]:
    """Return those of :func:`columns` that depend on the totals."""
    own = [total, total**2, total * weight]
    return own if other is None else [*own, total * other[1], total * other[0] / 2]


def of_weights(weight: np.ndarray, other: np.ndarray | None) -> list[Any]:
    """Return the others of them; ``other`` is the weight of the other side."""
    return [weight, weight**2] if other is None else [weight, weight**2, weight * other[0] / 2]


def joined(parts: Sequence[Any]) -> list[Any]:
    """Put the columns of totals and of weights, or their sums, in the order of :func:`columns`."""
    (total, square, product, *shared), (weight, weight_square, *shared_weight) = parts
    return [total, weight, square, product, weight_square, *shared, *shared_weight]


class Difference(NamedTuple):
    """The difference of two sides, linearised; arrays of one shape, or numbers where they are the same for all.

    Attributes
    ----------
    estimate, variance : numpy.ndarray
    own : numpy.ndarray
        The sum of the squared influences of the clusters: the variance, unless that is taken for more.
    a, b : numpy.ndarray
        The means: a cluster of side a has the influence ``slope_a * (total - a * weight) / weight of the side``.
    slope_a, slope_b : numpy.ndarray or float
        What the estimate changes with the means.

    """

    estimate: np.ndarray
    variance: np.ndarray
    own: np.ndarray
    a: np.ndarray
    b: np.ndarray
    slope_a: np.ndarray | float
    slope_b: np.ndarray | float

    @property
    def studentised(self) -> np.ndarray:
        """The estimate by its standard error."""
        return self.estimate / np.sqrt(self.variance)


def difference_of_means(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> Difference:
    """Compare means: sums of the columns of `columns` over the clusters of each side, of shape (5 or 8, ...)."""
    a, b, variance_a, variance_b, shared = _moments(on_a, on_b)
    variance = variance_a + variance_b - 2 * shared
    return Difference(a - b, variance, variance, a, b, 1.0, 1.0)


def difference_of_shares(
    on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray], unit: np.ndarray | float
) -> Difference:
    """Compare 2 asin sqrt(share), half a hit of the unit of weight added on each side: of the same sums."""
    mean_a, mean_b, variance_a, variance_b, shared = _moments(on_a, on_b)
    a, b = ((side[0] + unit / 2) / (side[1] + unit) for side in (on_a, on_b))
    odds_a, odds_b = a * (1 - a), b * (1 - b)
    own = variance_a / odds_a + variance_b / odds_b - 2 * shared / np.sqrt(odds_a * odds_b)
    variance = np.maximum(own, unit / on_a[1] + unit / on_b[1])
    estimate = 2 * (np.arcsin(np.sqrt(a)) - np.arcsin(np.sqrt(b)))
    return Difference(estimate, variance, own, mean_a, mean_b, 1 / np.sqrt(odds_a), 1 / np.sqrt(odds_b))


def unit_weight(a: Side, b: Side) -> float:
    """Return what an utterance of two sides weighs, in the mean over weights; NaN if one weighs nothing (no likes)."""
    on_a, on_b = a.weight.sum(), b.weight.sum()
    if not min(on_a, on_b):
        return float("nan")
    return (on_a**2 / a.effective_n + on_b**2 / b.effective_n) / (on_a + on_b)


def _moments(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the means, their linearised variances, and their covariance, each of the shape of a sum."""
    (t_a, w_a, tt_a, tw_a, ww_a), (t_b, w_b, tt_b, tw_b, ww_b) = on_a[:5], on_b[:5]
    a, b = t_a / w_a, t_b / w_b
    variance_a = (tt_a - 2 * a * tw_a + a**2 * ww_a) / w_a**2
    variance_b = (tt_b - 2 * b * tw_b + b**2 * ww_b) / w_b**2
    if len(on_a) == 5:  # noqa: PLR2004
        return a, b, variance_a, variance_b, np.zeros_like(a)
    (crossed, tt, ww), (back, tt_2, ww_2) = on_a[5:], on_b[5:]
    shared = (tt + tt_2 - b * crossed - a * back + a * b * (ww + ww_2)) / (w_a * w_b)
    return a, b, variance_a, variance_b, shared
