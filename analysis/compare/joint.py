"""One test of many specifications: the median of their statistics, by the cluster variance of all of them combined.

Specifications of one contrast are correlated, so that their agreement in sign proves nothing and each one's own p
cannot be counted. What can be tested is one number of all of them under the null that the groups' clusters are
exchangeable, with the clusters permuted once for all specifications together (Simonsohn, Simmons & Nelson 2020, Nature
Human Behaviour 4:1208, who take the median estimate; here the median studentised one, since units differ).

A permutation test of groups that differ in more than what is tested, as they do across languages, keeps its level,
asymptotically, if its statistic is studentised (Chung & Romano 2013, Annals of Statistics 41:484). That each
specification is does not make their median so: it varies the more, the closer the specifications are correlated, and
where they are closer in the smaller side's clusters than in the larger side's, permuting pools both and the median
varies less than it does in the data (14 clusters against 200: .10 of nulls rejected). So the combination is divided by
its own standard error, in the data and in every draw alike. With z_s = (a_s - b_s) / se_s of specification s, and d_cs
the linearised influence of cluster c on a_s - b_s, the mean of z_s over s has the influences I_c = mean of d_cs / se_s
over s and the variance V = sum of I_c^2 over c, which is at most 1. The statistic is median(z_s) / sqrt(V): the median,
so that one odd specification does not decide. `tests/benchmarks/joint_level.md` shows how often it rejects.

Shares are compared on the arcsine scale, where a variance is taken for more than the clusters show if there are hardly
any hits (`analysis.compare.permutation.share_test`). What is added is taken to be common to all specifications: V gets
(mean of sqrt(added / variance))^2 more. Shares that human codes correct are means of numbers beyond 0 and 1, which have
no arcsine: they are compared as means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from analysis.compare.clusters import Same, Side
from analysis.compare.differences import (
    Difference,
    columns,
    difference_of_means,
    difference_of_shares,
    unit_weight,
)
from analysis.compare.permutation import Order, count_reached, one_thread
from analysis.digits import settled

#: Numbers held at once in one array of a block of draws, some 16 MB.
_CELLS = 2_000_000


class Joint(NamedTuple):
    """What the test of several specifications finds.

    Attributes
    ----------
    statistic : float
        Where there are thousands of clusters, by the variance between random groups of them.
    p : float
    own : numpy.ndarray of float64, shape (specifications,)
        p of each by itself, from the same draws: that of `analysis.compare.permutation.mean_test` or ``share_test``,
        but that the clusters of all specifications are permuted.

    """

    statistic: float
    p: float
    own: np.ndarray


def joint_p(
    pairs: Sequence[tuple[Side, Side]],
    draws: int,
    rng: np.random.Generator,
    *,
    shares: bool | Sequence[bool] = False,
) -> Joint:
    """Test several specifications of one contrast together, two-sided.

    A cluster that stands on both sides swaps them; a specification may lack any of the clusters.

    Parameters
    ----------
    pairs : sequence of tuple of Side
        Sides a and b of each specification, larger in the same direction.
    draws : int
        Permutations; the smallest p is 1 / (draws + 1).
    shares : bool or sequence of bool, shape (pairs,)
        Values are 0 and 1: on the arcsine scale, as in `analysis.compare.permutation.share_test`.

    Returns
    -------
    Joint
        NaN without specifications, or where one of them has no statistic. A draw without one counts against the
        finding.

    """
    nothing = Joint(float("nan"), float("nan"), np.full(len(pairs), np.nan))
    if not pairs:
        return nothing
    whole = _Specifications.of(pairs, shares=shares)
    each, variance = whole.combined(whole.order.observed())
    observed = _median(each, variance)[0]
    if np.isnan(observed):
        return nothing
    exceed, own = 0, np.zeros(len(pairs), dtype=np.int64)
    with one_thread():
        for labels in whole.order.labels(draws, rng, max(1, _CELLS // max(whole.row_of.size, *whole.summed.shape))):
            z, variance = whole.combined(labels)
            exceed += int(count_reached(np.abs(_median(z, variance)), np.abs(observed)))
            own += count_reached(np.abs(z), np.abs(each))
    return Joint(float(observed), (1 + exceed) / (draws + 1), (1 + own) / (draws + 1))


def _median(z: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the statistic of each draw: the median of z, shape (specifications, draws), by its standard error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return settled(np.median(z, axis=0) / np.sqrt(variance))


class _Specifications(NamedTuple):
    """Specifications in matrices.

    A row of ``order`` on both sides has two pieces, the others one: first those of ``order``, then the second ones.

    Attributes
    ----------
    order : Order
    unit : numpy.ndarray or None, shape (specifications, 1)
        Of shares, what an utterance weighs; NaN of a mean, None where there are means alone.
    summed : numpy.ndarray, shape (rows, pieces)
        What is summed: the columns of `columns`, each once, as many specifications weigh alike. 0 where a specification
        lacks the cluster.
    row_of : numpy.ndarray of int, shape (columns, specifications)
        Total and weight are the first two columns.
    linear : numpy.ndarray, shape (rows, pieces)
        Those of total and weight alone.
    spread : scipy.sparse.csr_array, shape (rows, 2 x specifications)
        Which row is whose total, and whose weight.

    """

    order: Order
    unit: np.ndarray | None
    summed: np.ndarray
    row_of: np.ndarray
    linear: np.ndarray
    spread: sparse.csr_array

    @classmethod
    def of(cls, pairs: Sequence[tuple[Side, Side]], *, shares: bool | Sequence[bool]) -> _Specifications:
        """Put every side's sums at the places of its clusters."""
        order = Order.of([pair[0].clusters for pair in pairs], [pair[1].clusters for pair in pairs])
        second = {name: at + order.shared for name, at in order.place.items() if at >= order.alone}
        places = order.place, order.place | second
        known = np.broadcast_to(shares, len(pairs))
        unit = np.array([[unit_weight(*pair) if share else np.nan] for pair, share in zip(pairs, known, strict=True)])
        rows: dict[bytes, int] = {}
        # Many specifications are of the same clusters.
        of_side = [cache(partial(_rows_of, place)) for place in places]
        # What is not written to takes no memory.
        summed, row_of = np.empty((8 * len(pairs), order.rows + order.shared)), []
        for pair in pairs:
            sums = np.zeros((2, order.rows + order.shared))
            for side, rows_of in zip(pair, of_side, strict=True):
                its_rows = rows_of(Same(side.clusters))
                sums += [np.bincount(its_rows, each, sums.shape[1]) for each in (side.total, side.weight)]
            for row in columns(*sums, _others(order, sums)):
                # Many specifications weigh alike: each row is kept once.
                at = rows.setdefault(blake2b(row.tobytes()).digest(), len(rows))
                row_of.append(at)
                summed[at] = row
        row_of = np.array(row_of).reshape(len(pairs), -1).T
        used, place = np.unique(row_of[:2], return_inverse=True)
        spread = sparse.coo_array((np.ones(place.size), (place.ravel(), np.arange(place.size)))).tocsr()
        summed = summed[: len(rows)]
        return cls(order, unit if known.any() else None, summed, row_of, summed[used], spread)

    def combined(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return z, shape (specifications, draws), and the variance of their mean, shape (draws,), under labels."""
        alone, clusters = self.order.alone, len(labels)
        on_a = np.concatenate([labels, ~labels[alone:]])
        with np.errstate(divide="ignore", invalid="ignore"):
            sums = self._sums(on_a.astype(float))
            found, lacking = self._difference(sums), 0.0
            if self.unit is not None:
                lacking = np.sqrt(1 - settled(found.own / found.variance)).mean(axis=0)
            # What a unit of a cluster's total does to the mean of z on each side, and what the cluster does.
            influence = []
            for mean, slope, on in zip((found.a, found.b), (found.slope_a, found.slope_b), sums, strict=True):
                pull = slope / (on[1] * np.sqrt(found.variance) * self.row_of.shape[1])
                influence.append(self.linear.T @ (self.spread @ np.concatenate([pull, -pull * mean])))
            own = np.negative(influence[1], out=influence[1])
            np.copyto(own, influence[0], where=on_a)
            own[alone:clusters] += own[clusters:]
            own = own[:clusters]
            return found.studentised, np.einsum("cd,cd->d", own, own) + lacking**2

    def _difference(self, sums: tuple[np.ndarray, np.ndarray]) -> Difference:
        """Compare the sides of each specification, as shares or as means."""
        if self.unit is None:
            return difference_of_means(*sums)
        found = difference_of_shares(*sums, self.unit)
        if not np.isnan(self.unit).any():
            return found
        means = difference_of_means(*sums)
        return Difference(*(np.where(np.isnan(self.unit), *both) for both in zip(means, found, strict=True)))

    def _sums(self, on_a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of `columns` over the clusters of each side, each (columns, specifications, draws)."""
        found = self.summed @ on_a
        return found[self.row_of], (self.summed.sum(axis=1)[:, None] - found)[self.row_of]


def _rows_of(place: Mapping[Any, int], clusters: Same) -> np.ndarray:
    """Return the row of each cluster of a side."""
    return np.array([place[name] for name in clusters.array.tolist()], dtype=np.int64)


def _others(order: Order, sums: np.ndarray) -> np.ndarray | None:
    """Return what the other piece of each cluster has, of total and weight by piece; None where no cluster has two."""
    if not order.shared:
        return None
    first, second = sums[:, order.alone : order.rows], sums[:, order.rows :]
    return np.concatenate([np.zeros((2, order.alone)), second, first], axis=1)
