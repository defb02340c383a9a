"""p by permuting clusters: what a statistic of two groups would be if their clusters were exchangeable.

A test sees two groups as sums over clusters (of values, weights, hits at each value, whatever its statistic needs). A
permutation moves whole clusters from one side to the other, and the sums with them, so that any statistic of sums can
be permuted by one product of matrices: a difference of means, of shares, of quantiles, or of ratios.

Where there are thousands of clusters, random groups of as many clusters each are permuted instead (Wolter 2007,
Introduction to Variance Estimation, ch. 2): if clusters are exchangeable, so are such groups, and the spread between a
thousand of them is known to 2 %, no worse than p from 1,999 draws (`tests/benchmarks/random_groups.md`). Estimates and
intervals are of all clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from threadpoolctl import ThreadpoolController

from analysis.compare.clusters import Same, Side
from analysis.compare.differences import (
    difference_of_means,
    difference_of_shares,
    joined,
    of_totals,
    of_weights,
    unit_weight,
)

#: Ties count within this much, so that p does not hang on the last bit of a sum.
_TIE = 1e-9
#: Numbers held at once in one array, some 32 MB.
_CELLS = 4_000_000
#: A test is known well enough after so many draws that reach it (Besag & Clifford 1991, Biometrika 78:301).
ENOUGH = 10
#: Draws of those that stand out: this many at least, and for a family of V tests with k that no draw has reached,
#: 40 V / k: q = V p / k can then be as small as .025.
LEAST, _PER_TEST = 1999, 40
#: Clusters are permuted in random groups if of each kind (on one side alone, on both) at least so many are left.
LEAST_GROUPS = 1000
#: Sums are kept sparse where fewer of their numbers than this are not 0: a dense product is so much faster for each.
_SPARSE = 0.1


class Block(NamedTuple):
    """Sums by cluster of both groups; tests may share a block, which is then permuted once.

    Attributes
    ----------
    clusters_a, clusters_b : numpy.ndarray
        Sorted names; a name on both sides is one cluster.
    a, b : numpy.ndarray or scipy.sparse.csr_array, shape (clusters, sums)
        Over the utterances of the cluster.
    columns : callable, optional
        What is summed over clusters, if not these: `of_totals` of total and weight, or `of_weights` of the weight.

    """

    clusters_a: np.ndarray
    a: np.ndarray | sparse.csr_array
    clusters_b: np.ndarray
    b: np.ndarray | sparse.csr_array
    columns: Callable[..., list[np.ndarray]] | None = None


class Test(NamedTuple):
    """What is permuted: blocks, and the statistic of their sums on side a and on side b, each (sums, draws)."""

    blocks: tuple[Block, ...]
    statistic: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray]


def mean_test(a: Side, b: Side) -> Test:
    """Test the difference of two means, studentised.

    The statistic is the difference by its linearised cluster standard error, so that unequal variances do not make it
    reject (Chung & Romano 2013, Annals of Statistics 41:484).
    """
    return Test(_blocks(a, b), lambda on_a, on_b: difference_of_means(joined(on_a), joined(on_b)).studentised)


def share_test(a: Side, b: Side) -> Test:
    """Test the difference of two shares, studentised on the arcsine scale.

    On that scale the variance of a share is the same at every level, 1 / 4 n for n independent utterances, and the
    statistic's variance is never taken for less: a side without a hit has no variance of its own. (On the scale of
    the share itself, 0 hits on the smaller side would be the most extreme outcome, whatever the other side has.)
    """
    unit = unit_weight(a, b)

    def statistic(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> np.ndarray:
        return difference_of_shares(joined(on_a), joined(on_b), unit).studentised

    return Test(_blocks(a, b), statistic)


def permutation_p(tests: Sequence[Test], draws: int, rng: np.random.Generator, family: int | None = None) -> np.ndarray:
    """Return two-sided p of several tests of the same two groups.

    Clusters of one side only change sides at random, the numbers on each side kept; a cluster that stands on both
    sides swaps its two sides or not. Clusters that weigh nothing in a test stay out of it: permuted with the others
    they change how many there are on each side (of 20 against 50 beside 250 that nobody liked, no null was rejected,
    nor hardly anything else). Tests of the same clusters see the same draws, and all get ``draws`` of them. Those that
    fewer than ten draws have reached go on, to at least 1,999 and up to 40 draws a test of the family, or fewer where
    many stand out: else a corrected p could find nothing.

    Parameters
    ----------
    draws : int
        Permutations for every test.
    family : int, optional
        How many p will be corrected together, if more than these.

    Returns
    -------
    numpy.ndarray of float64, shape (tests,)
        (1 + draws that reach the statistic) / (1 + draws); NaN where there is no statistic. A draw that leaves a side
        without weight has no statistic; it counts against the finding.

    """
    weighing = [_weighing(test) for test in tests]
    kinds = [[i for i, clusters in enumerate(weighing) if clusters == kind] for kind in dict.fromkeys(weighing)]
    orders = [Order.named(*weighing[kind[0]]) for kind in kinds]
    # A generator each: what one gets does not depend on those after it.
    own = [rng, *rng.spawn(max(len(kinds) - 1, 0))]
    reached, active = np.full(len(tests), np.nan), np.ones(len(tests), dtype=bool)
    exceed, done = np.zeros(len(tests), dtype=np.int64), np.zeros(len(tests), dtype=np.int64)
    drawn, goal = 0, draws
    while drawn < goal and active.any():
        for kind, order, generator in zip(kinds, orders, own, strict=True):
            if not (at := [i for i in kind if active[i]]):
                continue
            layout = _Layout.of([tests[i] for i in at], order)  # one at a time is held
            if not drawn:
                reached[at] = np.abs(layout.observed())
            with one_thread():
                for statistics in layout.draws(goal - drawn, generator):
                    exceed[at] += count_reached(np.abs(statistics), reached[at, None])
        active &= ~np.isnan(reached)
        drawn = goal
        done[active] = drawn
        active &= exceed < ENOUGH
        standing = max(1, np.count_nonzero(active & (exceed == 0)))
        goal = min(4 * drawn, max(LEAST, -(-_PER_TEST * (family or len(tests)) // standing)))
    with np.errstate(invalid="ignore"):
        return np.where(done > 0, (1 + exceed) / (1 + done), np.nan)


def _weighing(test: Test) -> tuple[frozenset[Any], frozenset[Any]]:
    """Return the clusters of each side whose sums are not all 0."""

    def on(clusters: np.ndarray, sums: np.ndarray | sparse.csr_array) -> frozenset[Any]:
        filled = np.asarray(abs(sums).sum(axis=1)).ravel() > 0
        return _names(Same(clusters), filled.tobytes())

    on_a, on_b = zip(*((on(one.clusters_a, one.a), on(one.clusters_b, one.b)) for one in test.blocks), strict=True)
    # Of one block they are the very same set for many tests, which are then known to be alike without a look inside.
    return tuple(each[0] if len(each) == 1 else frozenset().union(*each) for each in (on_a, on_b))


@lru_cache(maxsize=64)
def _names(clusters: Same, filled: bytes) -> frozenset[Any]:
    """Return some of the clusters: many tests are of the same ones."""
    return frozenset(clusters.array[np.frombuffer(filled, dtype=bool)].tolist())


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries of this process, NumPy's BLAS among them: each search for them takes ten milliseconds."""
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS to one thread: several wait for each other where others work too, such as a second notebook."""
    return _libraries().limit(limits=1, user_api="blas")


def count_reached(drawn: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Count, along the last axis, the draws that reach a statistic; ties count, and so does a draw without one."""
    return np.count_nonzero(~(drawn < reached - _TIE * np.maximum(1.0, reached)), axis=-1)


class _Mixed(NamedTuple):
    """A matrix of which some rows, by their places, are kept dense."""

    sparse: sparse.csr_array
    places: np.ndarray
    dense: np.ndarray

    @classmethod
    def of(cls, matrix: sparse.csr_array) -> _Mixed:
        filled = np.diff(matrix.indptr) > _SPARSE * matrix.shape[1]
        places = np.flatnonzero(filled)
        rest = sparse.diags_array((~filled).astype(float)) @ matrix
        rest.eliminate_zeros()
        return cls(rest, places, matrix[places].toarray())

    def take(self, rows: np.ndarray) -> _Mixed:
        """Return some of the rows, by their places."""
        at = np.full(self.sparse.shape[0], -1)
        at[self.places] = np.arange(len(self.places))
        filled = at[rows] >= 0
        return _Mixed(self.sparse[rows], np.flatnonzero(filled), self.dense[at[rows][filled]])

    def times(self, labels: np.ndarray) -> np.ndarray:
        """Return the product with labels of shape (clusters, draws)."""
        out = self.sparse @ labels
        out[self.places] = self.dense @ labels
        return out


class Sums(NamedTuple):
    """Sums over the clusters of each side that depend on the labels: on side a ``slope @ labels + start``.

    A cluster has two pieces; label 1 puts the first on side a and the second on side b, label 0 the other way round.
    ``both`` are the sums of both sides.
    """

    slope: _Mixed
    start: np.ndarray
    both: np.ndarray

    @classmethod
    def of(cls, first: sparse.sparray, second: sparse.sparray) -> Sums:
        """Lay out two pieces of each cluster, each of shape (clusters, sums)."""
        start = np.asarray(second.sum(axis=0)).ravel()
        return cls(_Mixed.of((first - second).T.tocsr()), start, start + np.asarray(first.sum(axis=0)).ravel())

    def take(self, sums: np.ndarray) -> Sums:
        """Return some of the sums, by their places."""
        return Sums(self.slope.take(sums), self.start[sums], self.both[sums])

    def sides(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of both sides for labels of shape (clusters, draws), each of shape (sums, draws)."""
        on_a = self.slope.times(labels) + self.start[:, None]
        return on_a, self.both[:, None] - on_a


def random_groups(on_a: int, on_b: int, on_both: int) -> tuple[np.ndarray, list[int]]:
    """Put clusters into random groups of as many each, give or take one; no group holds clusters of two kinds.

    Parameters
    ----------
    on_a, on_b, on_both : int
        How many clusters stand on one side alone, and on both.

    Returns
    -------
    numpy.ndarray of int64, shape (clusters,)
        The group of each: of kind after kind, in no other order.
    list of int
        Where the groups of each kind end. Of clusters on one side alone, which change places, groups on both sides are
        as large, and each cluster is one where either side has fewer than twice :data:`LEAST_GROUPS`.

    Examples
    --------
    >>> random_groups(2, 0, 3)
    (array([0, 1, 2, 3, 4]), [2, 2, 5])
    >>> groups, ends = random_groups(9000, 3000, 5)
    >>> ends, np.bincount(groups).tolist() == [3] * 4000 + [1] * 5
    ([3000, 4000, 4005], True)

    """
    alone = min((count for count in (on_a, on_b) if count), default=1)
    parts, ends = [], [0]
    for count, least in ((on_a, alone), (on_b, alone), (on_both, on_both)):
        groups = count // max(1, least // LEAST_GROUPS)
        # Not the run's own generator: what a table's other tests draw hangs on no group. Nor one for all kinds: side
        # a's groups are the same when it is called b.
        own = np.random.default_rng(0).permutation(count) % groups if groups < count else np.arange(count)
        parts.append(own + ends[-1])
        ends.append(groups + ends[-1])
    return np.concatenate(parts), ends[1:]


class Order(NamedTuple):
    """Clusters in one order (those of a alone, of b alone, of both), and how a permutation labels them.

    Where there are many, a row is a random group of clusters (:data:`LEAST_GROUPS`).

    Attributes
    ----------
    place : dict of str to int
        The row of each cluster.
    first, alone, rows : int
        How many rows stand on side a alone, on one side alone, in all.

    """

    place: dict[Any, int]
    first: int
    alone: int
    rows: int

    @classmethod
    def of(cls, on_a: Iterable[np.ndarray], on_b: Iterable[np.ndarray]) -> Order:
        """Order the names of all clusters that stand on each side in any of several tests."""
        # Most tests share the names of their clusters.
        once = (set(map(Same, side)) for side in (on_a, on_b))
        return cls.named(*({name for key in side for name in key.array.tolist()} for side in once))

    @classmethod
    def named(cls, a: AbstractSet[Any], b: AbstractSet[Any]) -> Order:
        """Order the names of the clusters that stand on each side."""
        kinds = [sorted(a - b), sorted(b - a), sorted(a & b)]
        rows, ends = random_groups(*map(len, kinds))
        return cls(dict(zip(chain(*kinds), rows.tolist(), strict=True)), *ends)

    @property
    def shared(self) -> int:
        """How many rows stand on both sides."""
        return self.rows - self.alone

    def adding(self, clusters: np.ndarray) -> sparse.csr_array:
        """Return what adds clusters up by row, shape (rows, clusters); those that are not here are left out."""
        at = np.array([self.place.get(name, -1) for name in clusters.tolist()], dtype=np.int64)
        here = np.flatnonzero(at >= 0)
        return sparse.csr_array((np.ones(len(here)), (at[here], here)), shape=(self.rows, len(at)))

    def pieces(self, on_a: Any, on_b: Any) -> tuple[Any, Any]:  # noqa: ANN401  sums by row, sparse or not
        """Return the first piece of each row, which is its only one or that on side a, and the second, on side b."""
        second = sparse.diags_array((np.arange(self.rows) >= self.alone).astype(float)) @ on_b
        return on_a + (on_b - second), second

    def observed(self) -> np.ndarray:
        """Return the labels as observed, shape (rows, 1)."""
        labels = np.arange(self.rows)
        return ((labels < self.first) | (labels >= self.alone))[:, None]

    def labels(self, draws: int, rng: np.random.Generator, block: int) -> Iterator[np.ndarray]:
        """Yield labels, shape (rows, draws of a block): lone clusters keep their number on a, shared ones swap."""
        for start in range(0, draws, block):
            yield self._labels(min(block, draws - start), rng)

    def _labels(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        keys = rng.random((draws, self.alone), dtype=np.float32)
        labels = np.zeros((draws, self.alone), dtype=bool)
        if self.first:
            np.put_along_axis(
                labels, np.argpartition(keys, self.first - 1, axis=1)[:, : self.first], values=True, axis=1
            )
        swapped = rng.random((draws, self.shared)) < 0.5  # noqa: PLR2004
        return np.concatenate([labels, swapped], axis=1).T


class _Layout(NamedTuple):
    """The clusters in one order, and all that a draw needs."""

    tests: Sequence[Test]
    spans: dict[int, slice]
    sums: Sums
    order: Order

    @classmethod
    def of(cls, tests: Sequence[Test], order: Order | None = None) -> _Layout:
        """Lay out tests, in the order of their clusters or of more."""
        blocks = list({id(block): block for test in tests for block in test.blocks}.values())
        order = order or Order.of((block.clusters_a for block in blocks), (block.clusters_b for block in blocks))
        on_a, on_b, spans, start = [], [], {}, 0
        # Statistics of the same groups share the names of their clusters.
        named = {id(names): names for block in blocks for names in (block.clusters_a, block.clusters_b)}
        adding = {key: order.adding(names) for key, names in named.items()}
        for block in blocks:
            a, b = adding[id(block.clusters_a)] @ block.a, adding[id(block.clusters_b)] @ block.b
            if block.columns:
                others = (b.T, a.T) if order.shared else (None, None)
                a, b = (
                    np.stack(block.columns(*own.T, other), axis=1) for own, other in zip((a, b), others, strict=True)
                )
            on_a.append(sparse.csc_array(a))
            on_b.append(sparse.csc_array(b))
            spans[id(block)] = slice(start, start + a.shape[1])
            start += a.shape[1]
        # Of all blocks at once: a table has hundreds, and a step on a sparse matrix costs as much for few as for many.
        sums = Sums.of(*order.pieces(sparse.hstack(on_a, format="csc"), sparse.hstack(on_b, format="csc")))
        return cls(tests, spans, sums, order)

    def observed(self) -> np.ndarray:
        """Return the statistics as observed, shape (tests,)."""
        return self.statistics(self.order.observed())[:, 0]

    def draws(self, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield blocks of permuted statistics."""
        block = max(1, min(draws, _CELLS // max(self.order.rows, len(self.sums.both), 1)))
        for labels in self.order.labels(draws, rng, block):
            yield self.statistics(labels)

    def statistics(self, labels: np.ndarray) -> np.ndarray:
        """Return the statistics under labels, shape (tests, draws)."""
        on_a, on_b = self.sums.sides(np.ascontiguousarray(labels, dtype=float))
        out = np.empty((len(self.tests), labels.shape[1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            # Tests that share a block get the same arrays: what one works out of them another can take.
            parts = {key: (on_a[span], on_b[span]) for key, span in self.spans.items()}
            for i, test in enumerate(self.tests):
                out[i] = test.statistic(*zip(*(parts[id(block)] for block in test.blocks), strict=True))
        return out


def _blocks(a: Side, b: Side) -> tuple[Block, Block]:
    """Lay out the sums of two sides: those that depend on totals, and those of weights, which many tests share."""
    on_a, on_b = (np.stack([side.total, side.weight], axis=1) for side in (a, b))
    weights = _block_of_weights(Same(a.clusters), Same(a.weight), Same(b.clusters), Same(b.weight))
    return Block(a.clusters, on_a, b.clusters, on_b, of_totals), weights


@lru_cache(maxsize=16)
def _block_of_weights(*keys: Same) -> Block:
    clusters_a, weight_a, clusters_b, weight_b = (key.array for key in keys)
    return Block(clusters_a, weight_a[:, None], clusters_b, weight_b[:, None], of_weights)
