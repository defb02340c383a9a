"""Many terms' log ratios at once: the cluster jackknife, the interval that rests on it, and how p agrees with it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import betainc, betaincinv, ndtri, stdtrit

from analysis.compare.clusters import effective_clusters
from analysis.compare.contrasts import ERROR
from analysis.compare.jackknife import Jackknife, pool
from analysis.compare.keyness_permutation import Grid
from analysis.compare.shares import with_direction
from analysis.digits import settled


class Intervals(NamedTuple):
    """The ends of each term's 95 % interval of log2 of the ratio of shares, and the p that belongs to it."""

    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


class _Deviations(NamedTuple):
    """How leaving out cluster c moves log(share) of term t: ``at[c, t] - mean[t] + all[c]``, times ``scale``."""

    at: sparse.csr_array
    mean: np.ndarray
    all: np.ndarray
    scale: float

    def rows(self, keep: np.ndarray) -> _Deviations:
        return _Deviations(self.at[keep], self.mean, self.all[keep], self.scale)


def log_ratio(n: tuple[np.ndarray, np.ndarray], among: tuple[np.ndarray | int, np.ndarray | int]) -> np.ndarray:
    """Return log2 of the ratio of what occurs ``n`` times among so many, half an occurrence added to each number.

    It is 0 where that half alone gives it a direction (`analysis.compare.shares.with_direction`).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        halves = np.log2((n[0] + 0.5) / among[0]) - np.log2((n[1] + 0.5) / among[1])
        return with_direction(halves, n[0] / among[0] - n[1] / among[1])


def jackknife(a: Grid, b: Grid) -> Jackknife:
    """Return variance and df of the log ratio, by term, as `analysis.compare.contrasts.compare` does for means.

    A cluster on both sides is left out of both at once. (Natural logarithm of the ratio of shares, half an occurrence
    added to each number.)
    """
    _, in_a, in_b = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    deviations_a, deviations_b = _deviations(a.counts, a.words), _deviations(b.counts, b.words)
    alone_a, alone_b = np.delete(np.arange(len(a.words)), in_a), np.delete(np.arange(len(b.words)), in_b)
    only_a, only_b = deviations_a.rows(alone_a), deviations_b.rows(alone_b)
    both_a, both_b = deviations_a.rows(in_a), deviations_b.rows(in_b)
    free_a, free_b = effective_clusters(a.words) - 1, effective_clusters(b.words) - 1
    lone_a, lone_b = _product(only_a, only_a), _product(only_b, only_b)
    shared_a, shared_b = _product(both_a, both_a), _product(both_b, both_b)
    # Both orders, so that (b, a) gives the very same number.
    shared = shared_a + shared_b - (_product(both_a, both_b) + _product(both_b, both_a))
    return pool((lone_a, lone_b), (shared_a, shared_b), shared, (free_a, free_b))


def _deviations(counts: sparse.csr_array, weight: np.ndarray) -> _Deviations:
    """Return the jackknife's deviations of one side.

    Most clusters lack most terms; leaving such a cluster out only shrinks the number of words, by an amount that is
    the same for all terms. So only the cells with a count are kept, the rest is one number a cluster.
    """
    count = len(weight)
    n = np.asarray(counts.sum(axis=0)).ravel().astype(float)
    at = counts.tocoo().astype(float)
    at.data = np.log(n[at.col] - at.data + 0.5) - np.log(n[at.col] + 0.5)
    at = at.tocsr()
    shift = -np.log(weight.sum() - weight)
    return _Deviations(
        at, np.asarray(at.sum(axis=0)).ravel() / count, shift - shift.mean(), ((count - 1) / count) ** 0.5
    )


def _product(x: _Deviations, y: _Deviations) -> np.ndarray:
    """Sum the product of two sides' deviations over their (common) clusters, by term."""
    count = len(x.all)
    sums_x, sums_y = (np.asarray(side.at.sum(axis=0)).ravel() for side in (x, y))
    out = np.asarray((x.at * y.at).sum(axis=0)).ravel()
    out = out - y.mean * sums_x - x.mean * sums_y + count * x.mean * y.mean
    out = out + x.at.T @ y.all + y.at.T @ x.all - x.mean * y.all.sum() - y.mean * x.all.sum()
    return (out + (x.all * y.all).sum()) * x.scale * y.scale


def interval(n: tuple[np.ndarray, np.ndarray], words: tuple[np.ndarray, np.ndarray], spread: Jackknife) -> Intervals:
    r"""Return the 95 % interval of each term's log ratio from the clusters.

    Given n_a + n_b, independent occurrences make n_a binomial with odds ratio x words_a / words_b; Jeffreys' interval
    for it is good at small numbers and open where a side lacks the term (Brown, Cai & DasGupta 2001). Occurrences are
    not independent: both numbers are divided by the design effect and by (t / z)^2 for the degrees of freedom, as Korn
    & Graubard (1998, Survey Methodology 24:193) do for rare shares. The design effect is the cluster jackknife's
    variance of the log ratio over what the same jackknife gives if each occurrence has a cluster of its own, n (log
    (n + 1/2) - log (n - 1/2))^2 a side (near 1 / n); at least 1. Where a side lacks the term, it is the other's.

    Parameters
    ----------
    n : tuple of numpy.ndarray of float64, each of shape (terms,)
        Occurrences on side a and on side b.
    words : tuple of numpy.ndarray of float64, each of shape (terms,) or ()
        What they are counted among.

    Returns
    -------
    Intervals
        An end is infinite where a side lacks the term. p is two-sided: the error at which an end would touch 0.

    """
    n_a, n_b = n
    alone_a, alone_b = _alone(n_a), _alone(n_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        present = np.where(n_b == 0, spread.variance_a / alone_a, spread.variance_b / alone_b)
        whole = spread.variance / (alone_a + alone_b)
        effect = np.maximum(np.where((n_a == 0) | (n_b == 0), present, whole), 1)
    effect = effect * (stdtrit(np.maximum(spread.df, 1), 1 - ERROR / 2) / ndtri(1 - ERROR / 2)) ** 2
    x, y = n_a / effect, n_b / effect
    a_to_b, b_to_a = words[0] / words[1], words[1] / words[0]
    # One function for both ends, so that swapping the groups turns the signs exactly.
    tail = np.minimum(_tail(x, y, a_to_b), _tail(y, x, b_to_a))
    return Intervals(_lower(x, y, b_to_a), -_lower(y, x, a_to_b), np.minimum(2 * tail, 1))


def agree(p: np.ndarray, ratio: np.ndarray, own: Intervals) -> Intervals:
    """Return limits and p of each term that agree: p is under .05 exactly where the 95 % interval excludes 0.

    Where a permutation and an interval disagree, the more cautious holds: p is the larger of the permutation's and the
    interval's own. Where the permutation finds nothing (p from .05) and the interval excludes 0, the end next to 0
    moves to where p puts it: with t the normal quantile of p (of .5 at most), the log ratio times 1 - 1.96 / t (the
    test-based limit of Miettinen 1976, American Journal of Epidemiology 103:226).

    Parameters
    ----------
    p : numpy.ndarray of float64, shape (terms,)
        Of permutations; NaN stays.
    ratio : numpy.ndarray of float64, shape (terms,)
        The log ratios.

    """
    # `analysis.compare.contrasts.agree` is this rule with two other choices, and would give other numbers: its p is the
    # permutation's wherever both say the same, and its t is .98 at least, so that no end leaves the scale of a share or
    # a delta. A log ratio has no such scale: t is .67 at least.
    nothing = settled(p) >= settled(ERROR)
    end = np.minimum(np.abs(ratio) * (1 - ndtri(ERROR / 2) / ndtri(np.minimum(p, 0.5) / 2)), 0)
    low = np.where(nothing & (settled(own.low) > 0), end, own.low)
    high = np.where(nothing & (settled(own.high) < 0), -end, own.high)
    return Intervals(low, high, np.maximum(p, own.p))


def _alone(n: np.ndarray) -> np.ndarray:
    """Return the jackknife's variance of log(n + 1/2) where each occurrence has a cluster of its own."""
    return n * np.log1p(1 / np.maximum(n - 0.5, 0.5)) ** 2


def _lower(x: np.ndarray, y: np.ndarray, ratio: float | np.ndarray) -> np.ndarray:
    """Return the lower limit of log2(x / y) + log2(ratio)."""
    share = betaincinv(x + 0.5, y + 0.5, ERROR / 2)
    with np.errstate(divide="ignore"):
        return np.where(x == 0, -np.inf, np.log2(share) - np.log2(1 - share) + np.log2(ratio))


def _tail(x: np.ndarray, y: np.ndarray, ratio: float | np.ndarray) -> np.ndarray:
    """Return the error at which the lower limit would touch 0: the chance of a share that words alone would make."""
    return np.where(x == 0, 1.0, betainc(x + 0.5, y + 0.5, ratio / (1 + ratio)))
