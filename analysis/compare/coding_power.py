"""Beforehand: how many codes give intervals of which width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.compare.clusters import FEW_FOR_INTERVAL
from analysis.compare.correction import FEW_CODED, cluster_variance, joined_freedom
from analysis.compare.sampling import share_evenly
from analysis.digits import settled

#: How well an instrument may go with the codes.
CORRELATIONS = (0.0, 0.3, 0.5, 0.7)
#: What is assumed of stance (-2 to 2) as long as nobody has coded any.
SD, ICC = 1.0, 0.1


class Planned(NamedTuple):
    """What is expected of a group's mean, corrected by codes that nobody has given yet.

    Attributes
    ----------
    sizes : numpy.ndarray of float64, shape (clusters,)
        Utterances of each cluster.
    fewer, chance : numpy.ndarray of float64, shape (clusters,)
        The codes of each are this whole number, or with this probability one more.
    predicted, coded : float
        The variance that the predictions bring, and that of what is left of the codes.

    """

    sizes: np.ndarray
    fewer: np.ndarray
    chance: np.ndarray
    predicted: float
    coded: float

    @property
    def variance(self) -> float:
        """The variance of the mean."""
        return self.predicted + self.coded

    @property
    def clusters(self) -> float:
        """The effective clusters of the codes, n² / Σ E(n_g²)."""
        fewer, chance = self.fewer, self.chance
        squares = fewer**2 + chance * (2 * fewer + 1)
        return float((fewer + chance).sum() ** 2 / squares.sum())

    def free(self, lean: float) -> float:
        """Degrees of freedom, as `analysis.compare.correction.Corrected.free` has them, of expected sums."""
        reached = float(np.where(self.fewer > 0, 1.0, self.chance).sum())
        mean = float((self.fewer + self.chance).sum()) / reached
        either = [codes * (1 + lean * codes / mean) for codes in (self.fewer, self.fewer + 1)]
        chances = (1 - self.chance, self.chance)
        whole = sum(float((chance * part).sum()) for chance, part in zip(chances, either, strict=True))
        known = self.predicted * cluster_variance(self.sizes, lean)
        squares = sum(
            float((chance * np.square(known + self.coded * part / whole)).sum())
            for chance, part in zip(chances, either, strict=True)
        )
        return max(self.variance**2 / squares - 1, 0.0)


def planned(sizes: np.ndarray, number: int, correlation: float, icc: float = ICC) -> Planned:
    r"""Return the variance of a group's mean stance, corrected by codes, and how these lie in clusters.

    A code is what an instrument predicts (a share r² of its variance) plus the rest. All N utterances are predicted, n
    are coded; both parts have the intraclass correlation ρ, and clusters are a sample of those that there might be:

    .. math:: V = σ² r² [ρ \sum N_g^2 / N^2 + (1 - ρ) / N] + σ² (1 - r²) [ρ \sum E(n_g^2) / n^2 + (1 - ρ) / n]

    with n_g, the codes in cluster g, the whole number below or above n N_g / N, as systematic sampling draws it:
    E(n_g²) = x² + f (1 - f) for x = n N_g / N and f its fraction. It is the variance of the difference estimator
    (Särndal, Swensson & Wretman 1992, ch. 6.3) with the one-way random effects of Kish's design effect (1965, ch. 5.4)
    in both parts.

    Parameters
    ----------
    sizes : numpy.ndarray of int, shape (clusters,)
        Utterances of each.
    number : int
        Codes, at most as many as utterances.
    correlation : float
        Of instrument and codes, within the group; 0 for no instrument.
    icc : float
        Of stance, as its standard deviation :data:`SD` is.

    """
    sizes = np.asarray(sizes, dtype=float)
    whole = sizes.sum()
    share = number * sizes / whole
    fewer = np.floor(settled(share))
    part = share - fewer
    squares = float((share**2 + part * (1 - part)).sum()) / number**2
    known = icc * float((sizes**2).sum()) / whole**2 + (1 - icc) / whole
    coded = icc * squares + (1 - icc) / number
    return Planned(sizes, fewer, part, SD**2 * correlation**2 * known, SD**2 * (1 - correlation**2) * coded)


def coding_power(clusters: Mapping[str, np.ndarray], numbers: Sequence[int]) -> pd.DataFrame:
    """Return half the width of 95 % intervals of groups' mean stance and of their contrasts.

    It is t times the root of the variance (:func:`planned`), with the degrees of freedom that corrected estimates have.

    Parameters
    ----------
    clusters : mapping of str to numpy.ndarray of int
        For each group the utterances of each cluster.
    numbers : sequence of int
        Codes in all; each group gets as many, or all that it has (:func:`analysis.compare.sampling.share_evenly`).

    Returns
    -------
    pandas.DataFrame
        ``of`` (a group, or "a - b"), ``in all``, ``codes`` (of the group; of a contrast those of the smaller side),
        ``clusters`` (effective ones of the codes; of a contrast the fewer) and ``r=0 …``: half widths, missing where
        clusters are too few for an interval, effective ones (:data:`analysis.compare.clusters.FEW_FOR_INTERVAL`) or
        those that can be coded (:data:`analysis.compare.correction.FEW_CODED`).

    """
    rows, whole = [], np.array([int(sum(sizes)) for sizes in clusters.values()])
    for number in numbers:
        codes = dict(zip(clusters, share_evenly(whole, number).tolist(), strict=True))
        told = {
            name: [planned(sizes, max(codes[name], 1), r) for r in CORRELATIONS] for name, sizes in clusters.items()
        }
        for of in [*((name,) for name in told), *combinations(told, 2)]:
            widths = [_half_width([told[name][at] for name in of]) for at in range(len(CORRELATIONS))]
            fewest = min(told[name][0].clusters for name in of)
            rows.append((" - ".join(of), number, min(codes[name] for name in of), fewest, *widths))
    return pd.DataFrame(rows, columns=["of", "in all", "codes", "clusters", *(f"r={r:g}" for r in CORRELATIONS)])


def _half_width(sides: Sequence[Planned]) -> float:
    if any(len(side.sizes) < FEW_CODED or settled(side.clusters) < FEW_FOR_INTERVAL for side in sides):
        return float("nan")
    return float(stats.t.ppf(0.975, joined_freedom(sides)) * np.sqrt(sum(side.variance for side in sides)))
