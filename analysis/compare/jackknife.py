"""The delete-one-cluster jackknife: how far a statistic moves without each cluster, its variance, degrees of freedom.

d_c = sqrt((G - 1) / G) (m_(-c) - mean of the m_(-c)), with m_(-c) the statistic without cluster c, so that the squares
sum to the variance (Quenouille 1956; for clusters Cameron & Miller 2015, Journal of Human Resources 50:317). A cluster
on two sides is left out of both at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.compare.clusters import Side, placed


class Jackknife(NamedTuple):
    """Variances of many differences of two sides, each side's part of it, and degrees of freedom."""

    variance: np.ndarray
    variance_a: np.ndarray
    variance_b: np.ndarray
    df: np.ndarray


def deviations(without: np.ndarray, axis: int = 0) -> np.ndarray:
    """Return d_c from the statistics without each cluster, which stand along ``axis``."""
    count = without.shape[axis]
    return np.sqrt((count - 1) / count) * (without - without.mean(axis=axis, keepdims=True))


def pool(
    lone: Sequence[np.ndarray], shared: Sequence[np.ndarray], both: np.ndarray, free: Sequence[np.ndarray | float]
) -> Jackknife:
    """Put the parts of a difference's variance together, with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    lone, shared : sequence of numpy.ndarray
        The sums of squares over the clusters of side a alone and side b alone; over each side's part of those on both.
    both : numpy.ndarray
        That of the difference, over clusters on both sides.
    free : sequence of float or numpy.ndarray
        Degrees of freedom of side a and side b; what they share has the smaller.

    """
    fewest = np.minimum(*free)
    # Added in an order that swapping the sides does not change, to the last bit.
    variance = np.maximum(lone[0] + lone[1] + both, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / (lone[0] ** 2 / free[0] + lone[1] ** 2 / free[1] + both**2 / fewest)
    df = np.where(np.isfinite(df), df, fewest)
    return Jackknife(variance, lone[0] + shared[0], lone[1] + shared[1], df)


def jackknife_difference(
    names: Sequence[np.ndarray], sides: Sequence[np.ndarray], free: Sequence[np.ndarray | float]
) -> Jackknife:
    """Return the jackknife of differences whose deviations on each side, shape (clusters, differences), are known."""
    _, *at = np.intersect1d(*names, assume_unique=True, return_indices=True)
    squares = [np.square(side) for side in sides]
    lone = [np.delete(square, places, axis=0).sum(axis=0) for square, places in zip(squares, at, strict=True)]
    shared = [square[places].sum(axis=0) for square, places in zip(squares, at, strict=True)]
    both = np.square(sides[0][at[0]] - sides[1][at[1]]).sum(axis=0)
    return pool(lone, shared, both, free)


def jackknife(side: Side) -> np.ndarray:
    """Return how far each left-out cluster moves the mean, scaled so that the squares sum to the variance.

    Parameters
    ----------
    side : Side
        At least two clusters, else the deviations are NaN.

    Returns
    -------
    numpy.ndarray of float64, shape (clusters,)

    """
    count = len(side.clusters)
    rest = side.weight.sum() - side.weight
    if count < 2 or (rest <= 0).any():  # noqa: PLR2004
        return np.full(count, np.nan)
    return deviations((side.total.sum() - side.total) / rest)


def standard_error(terms: Sequence[tuple[float, Side]]) -> tuple[float, float]:
    """Return the standard error and degrees of freedom of a sum of coefficients times means.

    A cluster that stands on several sides is left out of all of them at once, so that what it shares cancels: the
    variance is the sum over clusters of (sum over sides of coefficient times d)^2, with d = 0 where a cluster is
    absent. Degrees of freedom are Satterthwaite's over the independent parts (the clusters of one set of sides) with
    G* - 1 each, the smallest G* of the sides that share the part.

    Parameters
    ----------
    terms : sequence of (float, Side)

    Returns
    -------
    tuple of float
        NaN where a side has fewer than two clusters.

    """
    count, places = placed(*(side.clusters for _, side in terms))
    out = np.zeros(count)
    membership = np.zeros(count, dtype=np.int64)
    for number, ((coefficient, side), at) in enumerate(zip(terms, places, strict=True)):
        out[at] += coefficient * jackknife(side)
        membership[at] += 1 << number
    variance, spread = 0.0, 0.0
    for members in np.unique(membership):
        part = float(np.square(out[membership == members]).sum())
        free = min(side.effective for number, (_, side) in enumerate(terms) if members >> number & 1) - 1
        variance += part
        spread += part**2 / free if part > 0 and free > 0 else 0.0
    if np.isnan(variance):
        return float("nan"), float("nan")
    return float(np.sqrt(variance)), variance**2 / spread if spread > 0 else float("nan")
