"""What is compared of two groups' scores: means, Cliff's delta, shares, quantiles, ambivalence.

Each statistic comes as influence values by cluster (for the jackknife's interval), and with what is permuted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare import shares as intervals
from analysis.compare.clusters import FEW_FOR_P, Side, Weights, weigh
from analysis.compare.contrasts import Limits, share_correlation
from analysis.compare.permutation import Block, Test, mean_test, share_test
from analysis.digits import settled

QUANTILES = (0.1, 0.5, 0.9)
#: Smallest effects of interest, stated before looking. 0.2 sd between normal groups is a delta of .11.
OF_INTEREST = {"sd": 0.2, "points": intervals.OF_INTEREST_POINTS, "delta": 0.11}
#: Sums of weights end in other last digits than their parts.
_NEARLY = 1 - 1e-12
#: Under so small a part of the scores their spread is rounding.
_NOISE = 1e-12


@dataclass(frozen=True)
class Statistic:
    """One statistic of two groups.

    Attributes
    ----------
    name : str
    estimate : float
        The value in a minus the value in b (for Cliff's delta: the delta).
    sides : tuple of Side
        Influence values by cluster of each group; of a share its flags.
    test : Test
        The statistic as it is permuted.
    unit : float
        One unit of the effect, on the scale of the estimate.
    unit_name : str
        ``sd``, ``points`` (of a share) or ``delta``.
    limits : callable, optional
        Its interval, where that is not of t.

    """

    name: str
    estimate: float
    sides: tuple[Side, Side]
    test: Test
    unit: float
    unit_name: str
    limits: Limits | None = None


@dataclass(frozen=True)
class Scored:
    """One group's scores, and the weights and clusters of the scored utterances."""

    scores: np.ndarray
    by: Weights
    mixed: np.ndarray | None = None

    @property
    def weights(self) -> np.ndarray:
        """Of each scored utterance."""
        return self.by.weights

    @cached_property
    def _ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """The scores, sorted, and the sums of the weights up to each."""
        order = np.argsort(self.scores, kind="stable")
        return self.scores[order], np.cumsum(self.weights[order])

    def quantile(self, share: float | np.ndarray) -> np.ndarray:
        """Return the smallest score with at least this share of the weight at or below it."""
        ranked, sums = self._ranked
        if not len(ranked):
            return np.full(np.shape(share), np.nan)
        at = np.searchsorted(sums, np.clip(share, 0, 1) * sums[-1] * _NEARLY)
        return ranked[np.minimum(at, len(ranked) - 1)]

    def by_value(self, values: np.ndarray) -> sparse.csr_array:
        """Return the weight of each cluster at each of the (sorted) values, shape (clusters, values)."""
        grid = (self.weights, (self.by.codes, np.searchsorted(values, self.scores)))
        return sparse.coo_array(grid, shape=(len(self.by.clusters), len(values))).tocsr()


def make_scored(rows: pd.DataFrame, instrument: str, weighting: str = "utterance") -> Scored:
    """Take a group's scored utterances and their weights (see `analysis.compare.clusters.weigh`)."""
    values = rows[instrument].to_numpy(dtype=float)
    by = weigh(rows["cluster_id"], weighting, rows["likes"], ~np.isnan(values))
    mixed = None
    if f"{instrument}_pos" in rows:
        warm, cold = (rows[f"{instrument}_{sign}"].to_numpy(dtype=float)[by.kept] for sign in ("pos", "neg"))
        if not np.isnan(warm).all():
            mixed = ((warm > 0) & (cold > 0)).astype(float)
    return Scored(values[by.kept], by, mixed)


def mean_difference(a: Scored, b: Scored, name: str = "mean") -> Statistic:
    """Return the difference of means, in pooled standard deviations of the scores."""
    sides = a.by.side(a.scores), b.by.side(b.scores)
    return Statistic(name, sides[0].mean - sides[1].mean, sides, mean_test(*sides), pooled_sd(a.scores, b.scores), "sd")


def pooled_sd(*sides: np.ndarray) -> float:
    """Return the pooled standard deviation of the scores of groups, unweighted; NaN where all are equal."""
    return spread_of([(len(one), one.mean(), np.square(one - one.mean()).sum()) for one in sides if len(one)])


def spread_of(moments: Sequence[tuple[float, float, float]]) -> float:
    """Return the pooled standard deviation of sides (n, mean, squared deviations from it); NaN where all are equal."""
    free = sum(n - 1 for n, _, _ in moments)
    spread = float(np.sqrt(sum(squares for _, _, squares in moments) / free)) if free > 0 else 0.0
    # Equal scores differ from their mean by its last bits.
    noise = _NOISE * max((abs(mean) for _, mean, _ in moments), default=0.0)
    return spread if spread > noise else float("nan")


def cliffs_delta(a: Scored, b: Scored) -> Statistic:
    """Return Cliff's delta: P(a > b) - P(a < b) of a random utterance of each side (Cliff 1993).

    It is the mean over a of how b lies around each value, and minus the mean over b of how a does: those are its
    influence values. It is proportional to the difference of mean ranks, which is what is permuted.
    """
    values, at = np.unique(np.concatenate([a.scores, b.scores]), return_inverse=True)
    of_a, of_b = at[: len(a.scores)], at[len(a.scores) :]
    at_a, at_b = (np.bincount(of, side.weights, len(values)) for of, side in ((of_a, a), (of_b, b)))
    above, below = 2 * _below(at_b)[of_a] - 1, 2 * _below(at_a)[of_b] - 1
    sides = a.by.side(above), b.by.side(below)
    ranks = _below(at_a + at_b)
    permute = a.by.side(ranks[of_a]), b.by.side(ranks[of_b])
    # What the last bits make of no difference has no direction.
    delta = round(sides[0].mean, 12) + 0.0
    return Statistic("Cliff's delta", delta, sides, mean_test(*permute), 1.0, "delta")


def _below(weights: np.ndarray) -> np.ndarray:
    """Return the share of the weight below each of sorted values, ties counted half."""
    sums = np.cumsum(weights)
    return (sums - weights / 2) / sums[-1]


def shares(a: Scored, b: Scored, neutral: tuple[float, float]) -> list[Statistic]:
    """Return the differences in the shares of negative, neutral and positive utterances, in points.

    `neutral` holds the lowest and the highest neutral score (see `analysis.measure.neutral`).
    """
    low, high = settled(neutral)
    out = []
    for name, test in (
        ("negative", lambda x: x < low),
        ("neutral", lambda x: (x >= low) & (x <= high)),
        ("positive", lambda x: x > high),
    ):
        out.append(_share(f"share {name}", a, b, test(settled(a.scores)), test(settled(b.scores))))
    return out


def _share(name: str, a: Scored, b: Scored, flags_a: np.ndarray, flags_b: np.ndarray) -> Statistic:
    sides = a.by.side(flags_a.astype(float)), b.by.side(flags_b.astype(float))
    return Statistic(name, sides[0].mean - sides[1].mean, sides, share_test(*sides), 0.01, "points")


def ambivalence(a: Scored, b: Scored) -> list[Statistic]:
    """Return the difference in the share of utterances that hold warm and cold words at once, in points."""
    if a.mixed is None or b.mixed is None:
        return []
    return [_share("share ambivalent", a, b, a.mixed, b.mixed)]


def quantile_differences(a: Scored, b: Scored) -> list[Statistic]:
    """Return the differences of the 10 %, 50 % and 90 % quantiles: a mean hides polarisation.

    What is permuted is the difference itself. A quantile's interval is Woodruff's (1952): the scores at the limits of
    the share below it (`analysis.compare.shares.share_limits`); that of the difference is made of two by MOVER. The
    lower of them is open where m independent utterances as good as a side's would all lie above the true quantile with
    more than half the probability of error, (1 - share)^m (David & Nagaraja 2003, Order Statistics, ch. 7.1), and the
    upper likewise: for 10 % and 90 % below an m of 36. (From the outermost score on, 12 utterances held .69.) Of fewer
    than 10 effective clusters m is known too badly for these two (6 clusters whose m came out as enough held .69).
    """
    values = np.unique(np.concatenate([a.scores, b.scores]))
    block = Block(a.by.clusters, a.by_value(values), b.by.clusters, b.by_value(values))
    unit, up_to = pooled_sd(a.scores, b.scores), (_UpTo(), _UpTo())
    tests = (Test((block,), _Quantiles(values, share, up_to)) for share in QUANTILES)
    return [_quantile_difference(a, b, share, test, unit) for share, test in zip(QUANTILES, tests, strict=True)]


def _quantile_difference(a: Scored, b: Scored, share: float, test: Test, unit: float) -> Statistic:
    found = float(a.quantile(share)), float(b.quantile(share))
    below = [side.by.side((side.scores <= at).astype(float)) for side, at in zip((a, b), found, strict=True)]
    known = [intervals.share_of(flags)._replace(share=np.array(share)) for flags in below]
    correlation, outer = share_correlation(*below), share not in QUANTILES[1:2]

    def limits(alpha: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ends: list[np.ndarray | float] = []
        for side, at, one in zip((a, b), found, known, strict=True):
            ends.append(at)
            low, high = intervals.share_limits(one, alpha)
            m, known_badly = intervals.independent(one, alpha), outer and settled(one.effective) < FEW_FOR_P
            for beyond, end in (((1 - share) ** m, low), (share**m, high)):
                ends.append(np.where(known_badly | (beyond > alpha / 2), np.nan, side.quantile(end)))
        return intervals.mover(*ends, correlation)

    sides = tuple(side.by.side(_influence(side, *pair)) for side, *pair in zip((a, b), found, known, strict=True))
    return Statistic(f"{100 * share:.0f} % quantile", found[0] - found[1], sides, test, unit, "sd", limits)


class _UpTo:
    """The sums of the weights up to each value, made once for all quantiles of the same draws."""

    def __init__(self) -> None:
        self._weights, self._sums = np.empty(0), np.empty(0)

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        if weights is not self._weights:
            self._weights, self._sums = weights, np.cumsum(weights, axis=0)
        return self._sums


class _Quantiles(NamedTuple):
    """The difference of two quantiles from the weights at each value, shape (values, draws)."""

    values: np.ndarray
    share: float
    up_to: tuple[_UpTo, _UpTo]

    def __call__(self, on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> np.ndarray:
        """Return it, shape (draws,); NaN where a side has no weight."""
        found = []
        for (weights,), up_to in zip((on_a, on_b), self.up_to, strict=True):
            sums = up_to(weights)
            at = _first_reached(sums, self.share * sums[-1] * _NEARLY)
            found.append(np.where(sums[-1] > 0, self.values[np.minimum(at, len(self.values) - 1)], np.nan))
        return found[0] - found[1]


def _first_reached(sums: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the first row of each column of rising sums that is not below what is wanted of the column, by halving."""
    columns = np.arange(sums.shape[1])
    below = np.zeros(sums.shape[1], dtype=np.int64)  # so many rows are known to be
    for power in reversed(range(len(sums).bit_length())):
        further = np.minimum(below + (1 << power), len(sums))
        below = np.where(sums[further - 1, columns] < wanted, further, below)
    return below


def _influence(side: Scored, at: float, known: intervals.Share) -> np.ndarray:
    """Return (p - [x <= q]) / f, with the density f at the quantile from the width of its interval."""
    below = (side.scores <= at).astype(float)
    low, high = intervals.share_limits(known)
    return (np.average(below, weights=side.weights) - below) * (side.quantile(high) - side.quantile(low)) / (high - low)


def all_statistics(a: Scored, b: Scored, neutral: tuple[float, float]) -> list[Statistic]:
    """Return every statistic of two groups' scores by one instrument; `neutral` is what it holds for neutral."""
    return [
        mean_difference(a, b),
        cliffs_delta(a, b),
        *shares(a, b, neutral),
        *quantile_differences(a, b),
        *ambivalence(a, b),
    ]
