"""One test of many specifications: the median of their statistics, by the cluster variance of all of them combined.

Specifications of one contrast are correlated, so that their agreement in sign proves nothing and each one's own p
cannot be counted. What can be tested is one number of all of them under the null that the groups' clusters are
exchangeable, with the clusters permuted once for all specifications together (Simonsohn, Simmons & Nelson 2020, Nature
Human Behaviour 4:1208, who take the median estimate; here the median studentised one, since units differ).

A permutation test of groups that differ in more than what is tested, as they do across languages, keeps its level,
asymptotically, if its statistic is studentised (Chung & Romano 2013, Annals of Statistics 41:484; of several
statistics together 2016, Journal of Statistical Planning and Inference 168:97: the combination must be, not only each).
The median of studentised differences is not: it varies the more, the closer specifications are correlated, and where the
smaller side's are closer than the larger side's, the permuted ones, pooled, are less so than those observed (in 14
clusters against 200 it rejected .11 of nulls). So the combination is divided by its own standard error, in the data and in
every draw alike. With z_s = (a_s - b_s) / se_s of specification s and d_cs the linearised influence of cluster c on
a_s - b_s, the mean of z_s has the influences I_c = mean of d_cs / se_s over s, and the variance V = sum of I_c^2 over c,
at most 1. The statistic is median(z_s) / sqrt(V): the median, which one odd specification does not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.compare.clusters import Side
from analysis.compare.permutation import (
    Order,
    columns,
    count_reached,
    difference_of_means,
    difference_of_shares,
    unit_weight,
)
from analysis.digits import settled

#: Numbers held at once in one array, some 8 MB.
_CELLS = 1_000_000


def joint_p(
    pairs: Sequence[tuple[Side, Side]], draws: int, rng: np.random.Generator, *, shares: bool = False
) -> tuple[float, float]:
    """Test several specifications of one contrast together, two-sided.

    A cluster that stands on both sides swaps them; a specification may lack any of the clusters.

    Parameters
    ----------
    pairs : sequence of tuple of Side
        Sides a and b of each specification, larger in the same direction.
    draws : int
        Permutations; the smallest p is 1 / (draws + 1).
    rng : numpy.random.Generator
    shares : bool
        Values are 0 and 1: on the arcsine scale, as in `analysis.compare.permutation.share_test`.

    Returns
    -------
    tuple of float
        The statistic and p; NaN without specifications, or where one of them has no statistic. A draw without one
        counts against the finding.

    """
    if not pairs:
        return float("nan"), float("nan")
    whole = _Specifications.of(pairs, shares=shares)
    observed = whole.statistics(whole.order.observed())[0]
    if np.isnan(observed):
        return float("nan"), float("nan")
    exceed = sum(
        int(count_reached(np.abs(whole.statistics(labels)), np.abs(observed)))
        for labels in whole.order.labels(draws, rng, max(1, _CELLS // max(whole.total.shape)))
    )
    return float(observed), (1 + exceed) / (draws + 1)


class _Specifications(NamedTuple):
    """Specifications in matrices.

    A cluster on both sides has two pieces, the others one: rows are the clusters of ``order``, then the second pieces.

    Attributes
    ----------
    order : Order
    total : numpy.ndarray, shape (specifications, pieces)
        0 where a specification lacks the cluster.
    weight : numpy.ndarray, shape (weights, pieces)
        Each that is not the same as another.
    weighs : numpy.ndarray of int, shape (specifications,)
        The place of its weights.
    unit : numpy.ndarray or None, shape (specifications, 1)
        Of shares, what an utterance weighs.

    """

    order: Order
    total: np.ndarray
    weight: np.ndarray
    weighs: np.ndarray
    unit: np.ndarray | None

    @classmethod
    def of(cls, pairs: Sequence[tuple[Side, Side]], *, shares: bool) -> _Specifications:
        """Put every side's sums at the places of its clusters."""
        order = Order.of([pair[0].clusters for pair in pairs], [pair[1].clusters for pair in pairs])
        second = {name: at + order.shared for name, at in order.place.items() if at >= order.alone}
        total, known = np.zeros((len(pairs), len(order.place) + order.shared)), {}
        weighs = np.empty(len(pairs), dtype=np.int64)
        for total_s, (s, pair) in zip(total, enumerate(pairs), strict=True):
            weight = np.zeros_like(total_s)
            for side, place in zip(pair, (order.place, order.place | second), strict=True):
                at = [place[name] for name in side.clusters.tolist()]
                total_s[at], weight[at] = side.total, side.weight
            weighs[s] = known.setdefault(weight.tobytes(), len(known))
        weights = np.frombuffer(b"".join(known)).reshape(-1, total.shape[1])
        return cls(order, total, weights, weighs, np.array([[unit_weight(*p)] for p in pairs]) if shares else None)

    def statistics(self, labels: np.ndarray) -> np.ndarray:
        """Return the statistic under labels of shape (clusters, draws), shape (draws,)."""
        z, variance = self.combined(labels)
        with np.errstate(divide="ignore", invalid="ignore"):
            return settled(np.median(z, axis=0) / np.sqrt(variance))

    def combined(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return z, shape (specifications, draws), and the variance of their mean, shape (draws,)."""
        alone, clusters = self.order.alone, len(labels)
        on_a = np.concatenate([labels, ~labels[alone:]])
        same = np.eye(len(self.weight))[:, self.weighs]
        with np.errstate(divide="ignore", invalid="ignore"):
            sums = self._sums(on_a.astype(float))
            if self.unit is None:
                found, lacking = difference_of_means(*sums), 0.0
            else:
                found = difference_of_shares(*sums, self.unit)
                lacking = np.sqrt(1 - settled(found.own / found.variance)).mean(axis=0)
            # What a unit of a cluster's total does to the mean of z on each side, and what the cluster does.
            influence = []
            for mean, slope, on in zip((found.a, found.b), (found.slope_a, found.slope_b), sums, strict=True):
                pull = slope / (on[1] * np.sqrt(found.variance) * len(self.total))
                influence.append(self.total.T @ pull - self.weight.T @ (same @ (pull * mean)))
            own = np.where(on_a, influence[0], -influence[1])
            own[alone:clusters] += own[clusters:]
            return found.studentised, np.square(own[:clusters]).sum(axis=0) + lacking**2

    def _sums(self, on_a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of `columns` over the clusters of each side, each (columns, specifications, draws)."""
        out, both = np.empty((2, 8 if self.order.shared else 5, len(self.total), on_a.shape[1]))
        of_weights = columns(self.weight, self.weight, self._others(self.weight, self.weight))
        for column in range(1, len(out), 3):
            out[column] = (of_weights[column] @ on_a)[self.weighs]
            both[column] = of_weights[column].sum(axis=1)[self.weighs, None]
        step = max(1, _CELLS // len(on_a))
        for start in range(0, len(self.total), step):
            part = slice(start, start + step)
            t, w = self.total[part], self.weight[self.weighs[part]]
            found = columns(t, w, self._others(t, w))
            for column in set(range(len(out))).difference(range(1, len(out), 3)):
                out[column, part] = found[column] @ on_a
                both[column, part] = found[column].sum(axis=1)[:, None]
        return out, both - out

    def _others(self, *sums: np.ndarray) -> tuple[np.ndarray, ...] | None:
        """Return of each piece what the other piece of its cluster has; None where no cluster has two."""
        alone, clusters = self.order.alone, len(self.order.place)
        if not self.order.shared:
            return None
        return tuple(
            np.concatenate([np.zeros_like(one[:, :alone]), one[:, clusters:], one[:, alone:clusters]], axis=1)
            for one in sums
        )
