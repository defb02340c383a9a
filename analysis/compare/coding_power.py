"""Beforehand: how many codes give intervals of which width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.compare.clusters import FEW_FOR_INTERVAL
from analysis.compare.sampling import share_evenly
from analysis.digits import settled

#: How well an instrument may go with the codes.
CORRELATIONS = (0.0, 0.3, 0.5, 0.7)
#: What is assumed of stance (-2 to 2) as long as nobody has coded any.
SD, ICC = 1.0, 0.1


def variance_of_mean(sizes: np.ndarray, number: int, correlation: float, icc: float = ICC) -> tuple[float, float]:
    r"""Return the variance of a group's mean stance, corrected by codes, and the effective clusters of the codes.

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

    Returns
    -------
    tuple of float
        The variance, and n² / Σ E(n_g²).

    """
    sizes = np.asarray(sizes, dtype=float)
    whole = sizes.sum()
    share = number * sizes / whole
    part = share - np.floor(settled(share))
    squares = float((share**2 + part * (1 - part)).sum()) / number**2
    known = icc * float((sizes**2).sum()) / whole**2 + (1 - icc) / whole
    coded = icc * squares + (1 - icc) / number
    return SD**2 * (correlation**2 * known + (1 - correlation**2) * coded), 1 / squares


def coding_power(clusters: Mapping[str, np.ndarray], numbers: Sequence[int]) -> pd.DataFrame:
    """Return half the width of 95 % intervals of groups' mean stance and of their contrasts.

    It is t times the root of :func:`variance_of_mean`, with the effective clusters of the codes less one as degrees of
    freedom, joined by Satterthwaite's rule (1946) for a contrast.

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
        the effective clusters are too few for an interval (:data:`analysis.compare.clusters.FEW_FOR_INTERVAL`).

    """
    rows, whole = [], np.array([int(sum(sizes)) for sizes in clusters.values()])
    for number in numbers:
        codes = dict(zip(clusters, share_evenly(whole, number).tolist(), strict=True))
        told = {
            name: [variance_of_mean(sizes, max(codes[name], 1), r) for r in CORRELATIONS]
            for name, sizes in clusters.items()
        }
        for of in [*((name,) for name in told), *combinations(told, 2)]:
            widths = [_half_width([told[name][at] for name in of]) for at in range(len(CORRELATIONS))]
            fewest = min(told[name][0][1] for name in of)
            rows.append((" - ".join(of), number, min(codes[name] for name in of), fewest, *widths))
    return pd.DataFrame(rows, columns=["of", "in all", "codes", "clusters", *(f"r={r:g}" for r in CORRELATIONS)])


def _half_width(sides: Sequence[tuple[float, float]]) -> float:
    if settled(min(clusters for _, clusters in sides)) < FEW_FOR_INTERVAL:
        return float("nan")
    freedoms = [clusters - 1 for _, clusters in sides]
    whole = sum(variance for variance, _ in sides)
    df = whole**2 / sum(variance**2 / freedom for (variance, _), freedom in zip(sides, freedoms, strict=True))
    return float(stats.t.ppf(0.975, df) * np.sqrt(whole))
