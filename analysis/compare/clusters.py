"""Clusters: what inference resamples, because comments under one video are not independent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.digits import settled
from analysis.errors import ParameterError

WEIGHTINGS = ("utterance", "cluster", "likes")

#: Below this many effective clusters on a side: no interval, and below the second no p and no verdict.
FEW_FOR_INTERVAL = 5.0
FEW_FOR_P = 10.0


class Side(NamedTuple):
    """The sums of one group, a cluster a row.

    Attributes
    ----------
    clusters : numpy.ndarray of str, shape (clusters,)
        Sorted.
    total : numpy.ndarray of float64, shape (clusters,)
        Sum of weight times value.
    weight : numpy.ndarray of float64, shape (clusters,)
        Sum of weights.
    n : int
        Utterances with a value.
    squares : float, optional
        Sum of the squared weights of the utterances; where it is not given, all weigh alike.

    """

    clusters: np.ndarray
    total: np.ndarray
    weight: np.ndarray
    n: int
    squares: float = float("nan")

    @property
    def mean(self) -> float:
        """The weighted mean; NaN for an empty side."""
        whole = self.weight.sum()
        return float(settled(self.total.sum() / whole)) if whole > 0 else float("nan")

    @property
    def effective_n(self) -> float:
        """Kish's effective number of utterances, (sum of weights)^2 / sum of squares: n where all weigh alike."""
        whole = float(self.weight.sum())
        return whole**2 / self.squares if self.squares > 0 else float(self.n) * (whole > 0)

    @property
    def effective(self) -> float:
        """The effective number of clusters, (sum of weights)^2 / sum of squared weights."""
        return effective_clusters(self.weight)


def effective_clusters(weight: np.ndarray) -> float:
    """Return G* = (sum w)^2 / sum w^2: the effective number of clusters; 0 for none.

    Examples
    --------
    >>> effective_clusters(np.array([5, 5, 5, 5]))
    4.0
    >>> round(effective_clusters(np.array([97, 1, 1, 1])), 2)
    1.06

    """
    squares = float(np.square(weight, dtype=float).sum())
    return float(settled(float(weight.sum()) ** 2 / squares)) if squares > 0 else 0.0


def make_side(
    values: pd.Series, clusters: pd.Series, weighting: str = "utterance", likes: pd.Series | None = None
) -> Side:
    """Sum a group's values by cluster; utterances without a value (never scored as 0) are left out.

    Parameters
    ----------
    values : pandas.Series of float, shape (utterances,)
    clusters : pandas.Series of str, shape (utterances,)
    weighting : {"utterance", "cluster", "likes"}
        The average comment, the average video, or what readers endorsed (weights 1, 1 / n of the cluster, likes).
    likes : pandas.Series of int, optional
        For ``likes``; an utterance whose likes are not known is left out, and one that was voted below 0 weighs 0.

    Returns
    -------
    Side

    Raises
    ------
    ParameterError
        If the weighting is not known, or is ``likes`` and there are none.

    """
    if weighting not in WEIGHTINGS:
        message = f"weighting '{weighting}' is not known (accepted: {', '.join(WEIGHTINGS)})"
        raise ParameterError(message)
    if weighting == "likes" and likes is None:
        message = "weighting 'likes' needs the likes of each utterance"
        raise ParameterError(message)
    frame = pd.DataFrame({"cluster": clusters.to_numpy(), "value": values.to_numpy(dtype=float)})
    frame["weight"] = likes.to_numpy(dtype=float) if weighting == "likes" else 1.0
    frame["weight"] = frame["weight"].clip(lower=0)
    frame = frame.dropna()
    if weighting == "cluster":
        frame["weight"] = 1.0 / frame.groupby("cluster")["value"].transform("size")
    frame["total"] = frame["weight"] * frame["value"]
    sums = frame.groupby("cluster", sort=True)[["total", "weight"]].sum()
    squares = float(np.square(frame["weight"]).sum())
    return Side(
        sums.index.to_numpy(dtype=object), sums["total"].to_numpy(), sums["weight"].to_numpy(), len(frame), squares
    )
