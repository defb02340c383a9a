"""The cluster jackknife of many terms' log ratios at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.compare.clusters import effective_clusters
from analysis.compare.keyness_permutation import Grid


class Jackknife(NamedTuple):
    """Variances of the natural log ratio, of each side's part of it, and degrees of freedom, by term."""

    variance: np.ndarray
    variance_a: np.ndarray
    variance_b: np.ndarray
    df: np.ndarray


class _Moves(NamedTuple):
    """How leaving out cluster c moves log(share) of term t: ``at[c, t] - mean[t] + all[c]``, times ``scale``."""

    at: sparse.csr_array
    mean: np.ndarray
    all: np.ndarray
    scale: float

    def rows(self, keep: np.ndarray) -> _Moves:
        return _Moves(self.at[keep], self.mean, self.all[keep], self.scale)


def jackknife(a: Grid, b: Grid) -> Jackknife:
    """Return variance and df of the log ratio, by term, as `analysis.compare.contrasts.compare` does for means.

    A cluster on both sides is left out of both at once. (Natural logarithm of the ratio of shares, half an occurrence
    added to each number.)
    """
    _, in_a, in_b = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    moves_a, moves_b = _moves(a.counts, a.words), _moves(b.counts, b.words)
    only_a, only_b = moves_a.rows(_others(len(a.words), in_a)), moves_b.rows(_others(len(b.words), in_b))
    both_a, both_b = moves_a.rows(in_a), moves_b.rows(in_b)
    free_a, free_b = effective_clusters(a.words) - 1, effective_clusters(b.words) - 1
    lone_a, lone_b = _product(only_a, only_a), _product(only_b, only_b)
    shared_a, shared_b = _product(both_a, both_a), _product(both_b, both_b)
    # Both orders, so that (b, a) gives the very same number.
    shared = shared_a + shared_b - (_product(both_a, both_b) + _product(both_b, both_a))
    parts = [(lone_a, free_a), (lone_b, free_b), (shared, min(free_a, free_b))]
    variance = np.maximum(lone_a + lone_b + shared, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / sum(part**2 / free for part, free in parts)
    return Jackknife(variance, lone_a + shared_a, lone_b + shared_b, df)


def _moves(counts: sparse.csr_array, weight: np.ndarray) -> _Moves:
    """Return the jackknife's moves of one side.

    Most clusters lack most terms; leaving such a cluster out only shrinks the number of words, by an amount that is
    the same for all terms. So only the cells with a count are kept, the rest is one number a cluster.
    """
    count = len(weight)
    n = np.asarray(counts.sum(axis=0)).ravel().astype(float)
    at = counts.tocoo().astype(float)
    at.data = np.log(n[at.col] - at.data + 0.5) - np.log(n[at.col] + 0.5)
    at = at.tocsr()
    shift = -np.log(weight.sum() - weight)
    return _Moves(at, np.asarray(at.sum(axis=0)).ravel() / count, shift - shift.mean(), ((count - 1) / count) ** 0.5)


def _product(x: _Moves, y: _Moves) -> np.ndarray:
    """Sum the product of two sides' moves over their (common) clusters, by term."""
    count = len(x.all)
    sums_x, sums_y = (np.asarray(side.at.sum(axis=0)).ravel() for side in (x, y))
    out = np.asarray((x.at * y.at).sum(axis=0)).ravel()
    out = out - y.mean * sums_x - x.mean * sums_y + count * x.mean * y.mean
    out = out + x.at.T @ y.all + y.at.T @ x.all - x.mean * y.all.sum() - y.mean * x.all.sum()
    return (out + (x.all * y.all).sum()) * x.scale * y.scale


def _others(count: int, taken: np.ndarray) -> np.ndarray:
    return np.setdiff1d(np.arange(count), taken)
