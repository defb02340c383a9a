"""p by permuting clusters: what the difference would look like if the groups' clusters were exchangeable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from analysis.compare.clusters import Side

#: Ties count within this much, so that p does not hang on the last bit of a sum.
_TIE = 1e-9
#: Label cells held at once, some 32 MB.
_CELLS = 4_000_000


class _Sums(NamedTuple):
    """Sums over clusters, one a draw: of totals, weights, and their products, for one side."""

    t: np.ndarray
    w: np.ndarray
    tt: np.ndarray
    tw: np.ndarray
    ww: np.ndarray


def permutation_p(pairs: Sequence[tuple[Side, Side]], draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return two-sided p of the differences of means of several measures on the same two groups.

    Clusters of one side only change sides at random, the numbers on each side kept; a cluster that stands on both
    sides swaps its two sides or not. The statistic is studentised (difference by its linearised cluster standard
    error), so that unequal variances do not make it reject (Chung & Romano 2013, Annals of Statistics 41:484). All
    measures see the same draws.

    Parameters
    ----------
    pairs : sequence of (Side, Side)
        For each measure the two groups' sums by cluster.
    draws : int
        Permutations; the smallest p is 1 / (draws + 1).
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray of float64, shape (measures,)

    """
    observed, blocks = studentised_draws(pairs, draws, rng)
    reached = np.abs(observed)
    exceed = np.zeros(len(pairs))
    for drawn in blocks:
        exceed += count_reached(np.abs(drawn), reached[:, None])
    return np.where(np.isnan(reached), np.nan, (1 + exceed) / (draws + 1))


def studentised_draws(
    pairs: Sequence[tuple[Side, Side]], draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """Return the studentised differences of several measures as observed, and under permutations that they share.

    Parameters
    ----------
    pairs, draws, rng
        See :func:`permutation_p`.

    Returns
    -------
    tuple
        The observed statistics, shape (measures,), and blocks of drawn ones, each of shape (measures, draws of the
        block); NaN where a side has no weight.

    """
    names_a, names_b = (sorted(set().union(*(pair[i].clusters for pair in pairs))) for i in (0, 1))
    shared = sorted(set(names_a) & set(names_b))
    alone = [name for name in names_a if name not in set(shared)]
    first = len(alone)
    alone += [name for name in names_b if name not in set(shared)]
    tables = [(_align(a, b, alone), _align(a, b, shared)) for a, b in pairs]
    given = (np.arange(len(alone)) < first)[None, :], np.ones((1, len(shared)), dtype=bool)
    observed = np.array([_studentised(table, *given)[0] for table in tables])
    labels = _draws(len(alone), first, len(shared), draws, rng)
    return observed, (np.stack([_studentised(table, *drawn) for table in tables]) for drawn in labels)


def count_reached(drawn: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Count, along the last axis, the draws that reach a statistic; ties count, and so does a draw without one.

    A draw that leaves a side without any weight has no statistic; it counts against the finding.
    """
    return np.count_nonzero(~(drawn < reached - _TIE * np.maximum(1.0, reached)), axis=-1)


def _draws(
    alone: int, first: int, shared: int, draws: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield blocks of label matrices: which lone clusters are on side a, and which shared ones keep their sides."""
    block = max(1, min(draws, _CELLS // max(alone + shared, 1)))
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        keys = rng.random((rows, alone), dtype=np.float32)
        labels = np.zeros((rows, alone), dtype=bool)
        if first:
            chosen = np.argpartition(keys, first - 1, axis=1)[:, :first]
            np.put_along_axis(labels, chosen, values=True, axis=1)
        yield labels, rng.random((rows, shared)) < 0.5  # noqa: PLR2004


def _align(a: Side, b: Side, names: list[str]) -> np.ndarray:
    """Return total a, weight a, total b, weight b of the named clusters (0 where absent), shape (4, clusters)."""
    place = {name: i for i, name in enumerate(names)}
    out = np.zeros((4, len(names)))
    for row, side in ((0, a), (2, b)):
        at = [(place[name], i) for i, name in enumerate(side.clusters) if name in place]
        if at:
            to, of = np.array(at).T
            out[row, to], out[row + 1, to] = side.total[of], side.weight[of]
    return out


def _studentised(table: tuple[np.ndarray, np.ndarray], labels: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Return the statistic of each draw, shape (draws,)."""
    lone, both = table
    # A lone cluster has weight on one side only, so the sum of its two rows is itself.
    everyone = _columns(lone[0] + lone[2], lone[1] + lone[3])
    on_a = labels.astype(float) @ everyone
    a, b = _Sums(*on_a.T), _Sums(*(everyone.sum(axis=0) - on_a).T)
    kept, swapped = keep.astype(float), (~keep).astype(float)
    of_a, of_b = _columns(both[0], both[1]), _columns(both[2], both[3])
    shared_a, shared_b = _Sums(*(kept @ of_a + swapped @ of_b).T), _Sums(*(kept @ of_b + swapped @ of_a).T)
    total_a, total_b = a.w + shared_a.w, b.w + shared_b.w
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_a, mean_b = (a.t + shared_a.t) / total_a, (b.t + shared_b.t) / total_b
        variance = (_squares(a, mean_a) + _squares(shared_a, mean_a)) / total_a**2
        variance += (_squares(b, mean_b) + _squares(shared_b, mean_b)) / total_b**2
        crossed = kept @ (both[0] * both[3]) + swapped @ (both[2] * both[1])  # total of side a times weight of side b
        back = kept @ (both[1] * both[2]) + swapped @ (both[3] * both[0])
        product = (both[0] * both[2]).sum() - mean_b * crossed - mean_a * back
        product += mean_a * mean_b * (both[1] * both[3]).sum()
        variance -= 2 * product / (total_a * total_b)
        return (mean_a - mean_b) / np.sqrt(variance)


def _columns(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.stack([total, weight, total**2, total * weight, weight**2], axis=1)


def _squares(sums: _Sums, mean: np.ndarray) -> np.ndarray:
    """Return the sum of (total - mean * weight)^2."""
    return sums.tt - 2 * mean * sums.tw + mean**2 * sums.ww
