"""p by permuting clusters: what a statistic of two groups would be if their clusters were exchangeable.

A test sees two groups as sums over clusters (of values, weights, hits at each value, whatever its statistic needs). A
permutation moves whole clusters from one side to the other, and the sums with them, so that any statistic of sums can
be permuted by one product of matrices: a difference of means, of shares, of quantiles, or of ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from analysis.compare.clusters import Side

#: Ties count within this much, so that p does not hang on the last bit of a sum.
_TIE = 1e-9
#: Numbers held at once in one array, some 32 MB.
_CELLS = 4_000_000
#: A test is known well enough after so many draws that reach it (Besag & Clifford 1991, Biometrika 78:301).
ENOUGH = 10
#: Draws of those that stand out: this many at least, and for a family of V tests with k that no draw has reached,
#: 40 V / k: q = V p / k can then be as small as .025.
LEAST, _PER_TEST = 1999, 40
#: Sums are kept sparse where fewer of the numbers than this are not 0.
_SPARSE = 0.25


class Block(NamedTuple):
    """Sums by cluster of both groups; tests may share a block, which is then permuted once.

    Attributes
    ----------
    clusters_a, clusters_b : numpy.ndarray
        Sorted names; a name on both sides is one cluster.
    a, b : numpy.ndarray or scipy.sparse.csr_array, shape (clusters, sums)

    """

    clusters_a: np.ndarray
    a: np.ndarray | sparse.csr_array
    clusters_b: np.ndarray
    b: np.ndarray | sparse.csr_array


class Test(NamedTuple):
    """What is permuted: blocks, and the statistic of their sums on side a and on side b, each (sums, draws)."""

    blocks: tuple[Block, ...]
    statistic: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray]


def mean_test(a: Side, b: Side) -> Test:
    """Test the difference of two means, studentised.

    The statistic is the difference by its linearised cluster standard error, so that unequal variances do not make it
    reject (Chung & Romano 2013, Annals of Statistics 41:484).
    """
    return Test((_block(a, b),), _studentised)


def share_test(a: Side, b: Side) -> Test:
    """Test the difference of two shares, studentised on the arcsine scale.

    On that scale the variance of a share is the same at every level, 1 / 4 n for n independent utterances, and the
    statistic's variance is never taken for less: a side without a hit has no variance of its own. (On the scale of
    the share itself, 0 hits on the smaller side would be the most extreme outcome, whatever the other side has.)
    """
    # What an utterance weighs, in the mean over weights.
    whole = a.weight.sum() + b.weight.sum()
    unit = (a.weight.sum() ** 2 / a.effective_n + b.weight.sum() ** 2 / b.effective_n) / whole

    def statistic(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> np.ndarray:
        return _arcsine(on_a, on_b, unit)

    return Test((_block(a, b),), statistic)


def permutation_p(tests: Sequence[Test], draws: int, rng: np.random.Generator, family: int | None = None) -> np.ndarray:
    """Return two-sided p of several tests of the same two groups.

    Clusters of one side only change sides at random, the numbers on each side kept; a cluster that stands on both
    sides swaps its two sides or not. All tests see the same draws, and all get ``draws`` of them. Those that fewer than
    ten draws have reached go on, to at least 1,999 and up to 40 draws a test of the family, or fewer where many stand
    out: else a corrected p could find nothing.

    Parameters
    ----------
    tests : sequence of Test
    draws : int
        Permutations for every test.
    rng : numpy.random.Generator
    family : int, optional
        How many p will be corrected together, if more than these.

    Returns
    -------
    numpy.ndarray of float64, shape (tests,)
        (1 + draws that reach the statistic) / (1 + draws); NaN where there is no statistic. A draw that leaves a side
        without weight has no statistic; it counts against the finding.

    """
    if not tests:
        return np.array([])
    whole = _Layout.of(tests)
    reached = np.abs(whole.observed())
    exceed, done = np.zeros(len(tests), dtype=np.int64), np.zeros(len(tests), dtype=np.int64)
    active = np.flatnonzero(~np.isnan(reached))
    drawn, goal = 0, draws
    while drawn < goal and len(active):
        mine = whole if len(active) == len(tests) else _Layout.of([tests[i] for i in active])
        for statistics in mine.draws(goal - drawn, rng):
            exceed[active] += count_reached(np.abs(statistics), reached[active, None])
        drawn = goal
        done[active] = drawn
        active = active[exceed[active] < ENOUGH]
        standing = max(1, np.count_nonzero(exceed[active] == 0))
        goal = min(4 * drawn, max(LEAST, -(-_PER_TEST * (family or len(tests)) // standing)))
    with np.errstate(invalid="ignore"):
        return np.where(done > 0, (1 + exceed) / (1 + done), np.nan)


def draw_statistics(tests: Sequence[Test], draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistics of several tests as observed, and under permutations that they share.

    Tests are laid out a few at a time, so that thousands of them need no more room than their statistics.

    Returns
    -------
    tuple of numpy.ndarray
        The observed ones, shape (tests,), and the permuted ones, shape (tests, draws); NaN where a side has no weight.

    """
    names = _names(tests)
    observed, drawn = np.empty(len(tests)), np.empty((len(tests), draws))
    labels: list[np.ndarray] = []
    step = int(np.clip(_CELLS // (4 * max(1, *map(len, names))), 8, 256))
    for start in range(0, len(tests), step):
        stop = min(start + step, len(tests))
        layout = _Layout.of([tests[i] for i in range(start, stop)], names)
        labels = labels or list(layout.labels(draws, rng))
        observed[start:stop] = layout.observed()
        drawn[start:stop] = np.concatenate([layout.statistics(part) for part in labels], axis=1)
    return observed, drawn


def count_reached(drawn: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Count, along the last axis, the draws that reach a statistic; ties count, and so does a draw without one."""
    return np.count_nonzero(~(drawn < reached - _TIE * np.maximum(1.0, reached)), axis=-1)


class Sums(NamedTuple):
    """Sums over the clusters of each side that depend on the labels: on side a ``slope @ labels + start``.

    A cluster has two pieces; label 1 puts the first on side a and the second on side b, label 0 the other way round.
    ``both`` are the sums of both sides.
    """

    slope: np.ndarray | sparse.csr_array
    start: np.ndarray
    both: np.ndarray

    @classmethod
    def of(cls, first: sparse.sparray, second: sparse.sparray) -> Sums:
        """Lay out two pieces of each cluster, each of shape (clusters, sums)."""
        start = np.asarray(second.sum(axis=0)).ravel()
        return cls((first - second).T.tocsr(), start, start + np.asarray(first.sum(axis=0)).ravel())

    def take(self, sums: np.ndarray) -> Sums:
        """Return some of the sums, by their places."""
        return Sums(self.slope[sums], self.start[sums], self.both[sums])

    def sides(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of both sides for labels of shape (clusters, draws), each of shape (sums, draws)."""
        on_a = self.slope @ labels + self.start[:, None]
        return on_a, self.both[:, None] - on_a


class _Layout(NamedTuple):
    """The clusters in one order (those of a alone, of b alone, of both), and all that a draw needs."""

    tests: Sequence[Test]
    spans: dict[int, slice]
    sums: Sums
    alone: int
    first: int
    shared: int

    @classmethod
    def of(cls, tests: Sequence[Test], names: tuple[list[Any], list[Any]] | None = None) -> _Layout:
        """Lay out tests, perhaps among more clusters than their own."""
        blocks = list({id(block): block for test in tests for block in test.blocks}.values())
        names_a, names_b = names or _names(tests)
        both = set(names_a) & set(names_b)
        lone = [[name for name in names if name not in both] for names in (names_a, names_b)]
        place = {name: i for i, name in enumerate(chain(*lone, sorted(both)))}
        count, alone = len(place), len(lone[0]) + len(lone[1])
        firsts, seconds, spans, start = [], [], {}, 0
        for block in blocks:
            a, b = (
                _spread(rows, names, place)
                for rows, names in ((block.a, block.clusters_a), (block.b, block.clusters_b))
            )
            on_both = sparse.diags_array((np.arange(count) >= alone).astype(float))
            # The first piece of a lone cluster of b is b's, and it has no second.
            lone_b = b - on_both @ b
            firsts.append(a + lone_b)
            seconds.append(b - lone_b)
            spans[id(block)] = slice(start, start + a.shape[1])
            start += a.shape[1]
        sums = Sums.of(sparse.hstack(firsts, format="csc"), sparse.hstack(seconds, format="csc"))
        if sums.slope.nnz > _SPARSE * max(count * start, 1):
            sums = sums._replace(slope=sums.slope.toarray())
        return cls(tests, spans, sums, alone, len(lone[0]), len(both))

    def observed(self) -> np.ndarray:
        """Return the statistics as observed, shape (tests,)."""
        labels = np.concatenate([np.arange(self.alone) < self.first, np.ones(self.shared, dtype=bool)])
        return self.statistics(labels[:, None])[:, 0]

    def draws(self, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield blocks of permuted statistics."""
        for labels in self.labels(draws, rng):
            yield self.statistics(labels)

    def labels(self, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield blocks of labels, each of shape (clusters, draws of the block)."""
        block = max(1, min(draws, _CELLS // max(self.alone + self.shared, len(self.sums.both), 1)))
        for start in range(0, draws, block):
            yield self._labels(min(block, draws - start), rng)

    def _labels(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Draw labels, shape (clusters, draws): lone clusters keep their number on side a, shared ones swap or not."""
        keys = rng.random((draws, self.alone), dtype=np.float32)
        labels = np.zeros((draws, self.alone), dtype=bool)
        if self.first:
            np.put_along_axis(
                labels, np.argpartition(keys, self.first - 1, axis=1)[:, : self.first], values=True, axis=1
            )
        swapped = rng.random((draws, self.shared)) < 0.5  # noqa: PLR2004
        return np.concatenate([labels, swapped], axis=1).T

    def statistics(self, labels: np.ndarray) -> np.ndarray:
        """Return the statistics under labels, shape (tests, draws)."""
        on_a, on_b = self.sums.sides(np.ascontiguousarray(labels, dtype=float))
        out = np.empty((len(self.tests), labels.shape[1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            for i, test in enumerate(self.tests):
                spans = [self.spans[id(block)] for block in test.blocks]
                out[i] = test.statistic([on_a[span] for span in spans], [on_b[span] for span in spans])
        return out


def _names(tests: Sequence[Test]) -> tuple[list[Any], list[Any]]:
    """Return the clusters of side a and of side b, sorted."""
    every: tuple[set[Any], set[Any]] = set(), set()
    for test in tests:
        for block in test.blocks:
            for known, names in zip(every, (block.clusters_a, block.clusters_b), strict=True):
                known.update(names.tolist())
    return sorted(every[0]), sorted(every[1])


def _spread(rows: np.ndarray | sparse.csr_array, names: np.ndarray, place: dict[Any, int]) -> sparse.csr_array:
    """Put the rows of some clusters into the order of all."""
    grid = sparse.coo_array(rows)
    at = np.array([place[name] for name in names.tolist()], dtype=np.int64)
    return sparse.coo_array((grid.data, (at[grid.row], grid.col)), shape=(len(place), grid.shape[1])).tocsr()


def _block(a: Side, b: Side) -> Block:
    """Lay out total, weight, their squares and products by cluster, and what clusters on both sides share.

    The last three columns are, of a cluster on both sides, its total times the other side's weight, and the products of
    its totals, of its weights: they do not change when it swaps, so half stands on each side. Where no cluster is on
    both sides there are none of them.
    """
    columns = []
    shared = len(np.intersect1d(a.clusters, b.clusters, assume_unique=True)) > 0
    for mine, other in ((a, b), (b, a)):
        own = [mine.total, mine.weight, mine.total**2, mine.total * mine.weight, mine.weight**2]
        if not shared:
            columns.append(np.stack(own, axis=1))
            continue
        at = np.searchsorted(other.clusters, mine.clusters)
        found = at < len(other.clusters)
        found[found] = other.clusters[at[found]] == mine.clusters[found]
        t, w = np.zeros(len(mine.clusters)), np.zeros(len(mine.clusters))
        t[found], w[found] = other.total[at[found]], other.weight[at[found]]
        columns.append(np.stack([*own, mine.total * w, mine.total * t / 2, mine.weight * w / 2], axis=1))
    return Block(a.clusters, columns[0], b.clusters, columns[1])


def _moments(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the means, their linearised variances, and their covariance, each of shape (draws,)."""
    (t_a, w_a, tt_a, tw_a, ww_a), (t_b, w_b, tt_b, tw_b, ww_b) = on_a[0][:5], on_b[0][:5]
    a, b = t_a / w_a, t_b / w_b
    variance_a = (tt_a - 2 * a * tw_a + a**2 * ww_a) / w_a**2
    variance_b = (tt_b - 2 * b * tw_b + b**2 * ww_b) / w_b**2
    if len(on_a[0]) == 5:  # noqa: PLR2004
        return a, b, variance_a, variance_b, np.zeros_like(a)
    (crossed, tt, ww), (back, tt_2, ww_2) = on_a[0][5:], on_b[0][5:]
    shared = (tt + tt_2 - b * crossed - a * back + a * b * (ww + ww_2)) / (w_a * w_b)
    return a, b, variance_a, variance_b, shared


def _studentised(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> np.ndarray:
    a, b, variance_a, variance_b, shared = _moments(on_a, on_b)
    return (a - b) / np.sqrt(variance_a + variance_b - 2 * shared)


def _arcsine(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray], unit: float) -> np.ndarray:
    """Return the studentised difference of 2 asin sqrt(share), half a hit of the unit of weight added on each side."""
    _, _, variance_a, variance_b, shared = _moments(on_a, on_b)
    w_a, w_b = on_a[0][1], on_b[0][1]
    a, b = ((side[0][0] + unit / 2) / (side[0][1] + unit) for side in (on_a, on_b))
    odds_a, odds_b = a * (1 - a), b * (1 - b)
    variance = variance_a / odds_a + variance_b / odds_b - 2 * shared / np.sqrt(odds_a * odds_b)
    least = unit / w_a + unit / w_b
    return 2 * (np.arcsin(np.sqrt(a)) - np.arcsin(np.sqrt(b))) / np.sqrt(np.maximum(variance, least))
