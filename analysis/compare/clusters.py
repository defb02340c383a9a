"""Clusters: what inference resamples, because comments under one video are not independent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.digits import settled
from analysis.errors import ParameterError

WEIGHTINGS = ("utterance", "cluster", "likes")

#: Below this many effective clusters on a side: no interval, and below the second no p and no verdict.
FEW_FOR_INTERVAL = 5.0
FEW_FOR_P = 10.0

#: Why a side has no weight.
NOTHING, NO_LIKES, NOT_LIKED = "nothing to measure", "no likes are known", "nobody liked any of it"


@dataclass(frozen=True)
class Weights:
    """Which utterances count, and for how much.

    Attributes
    ----------
    kept : numpy.ndarray of bool, shape (utterances,)
        Of those given.
    weights : numpy.ndarray of float64, shape (kept,)
    codes : numpy.ndarray of int64, shape (kept,)
        The place of each utterance's cluster among ``clusters``.
    clusters : numpy.ndarray of str
        Sorted.
    lack : str
        What is said if they weigh nothing.

    """

    kept: np.ndarray
    weights: np.ndarray
    codes: np.ndarray
    clusters: np.ndarray
    lack: str = NOTHING

    def side(self, values: np.ndarray) -> Side:
        """Sum values of the utterances that count by cluster; all sides share the sums of the weights."""
        return self.of(np.bincount(self.codes, self.weights * values, len(self.clusters)))

    def of(self, total: np.ndarray) -> Side:
        """Make a side of what is summed by cluster already, weight times value."""
        return Side(self.clusters, total, self._sums, len(self.codes), self._squares, self.lack)

    @cached_property
    def _sums(self) -> np.ndarray:
        return np.bincount(self.codes, self.weights, len(self.clusters))

    @cached_property
    def _squares(self) -> float:
        return float(np.square(self.weights).sum())


@dataclass(frozen=True, eq=False)
class Side:
    """The sums of one group, a cluster a row; what follows from them is computed once.

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
    lack : str
        What is said if they weigh nothing.

    """

    clusters: np.ndarray
    total: np.ndarray
    weight: np.ndarray
    n: int
    squares: float = float("nan")
    lack: str = NOTHING

    @cached_property
    def mean(self) -> float:
        """The weighted mean; NaN for an empty side."""
        whole = self.weight.sum()
        return float(settled(self.total.sum() / whole)) if whole > 0 else float("nan")

    @cached_property
    def effective_n(self) -> float:
        """Kish's effective number of utterances, (sum of weights)^2 / sum of squares: n where all weigh alike."""
        whole = float(self.weight.sum())
        return whole**2 / self.squares if self.squares > 0 else float(self.n) * (whole > 0)

    @cached_property
    def effective(self) -> float:
        """The effective number of clusters, (sum of weights)^2 / sum of squared weights."""
        return effective_clusters(self.weight)


class Same:
    """An array as a key: the many sides of a group share one array of names, which is known by being the same one."""

    def __init__(self, array: np.ndarray) -> None:
        """Take the array; it stays as long as the key does."""
        self.array = array

    def __hash__(self) -> int:
        """Hash what it is, not what it holds."""
        return id(self.array)

    def __eq__(self, other: object) -> bool:
        """Tell whether it is the same array."""
        return isinstance(other, Same) and self.array is other.array


def placed(*names: np.ndarray) -> tuple[int, list[slice] | list[np.ndarray]]:
    """Return how many clusters several sides have in all, and where those of each stand among them."""
    return _placed(*map(Same, names))


@lru_cache(maxsize=64)
def _placed(*keys: Same) -> tuple[int, list[slice] | list[np.ndarray]]:
    sides = [key.array for key in keys]
    ends = np.cumsum([0, *map(len, sides)]).tolist()
    # To sort names takes longer than all the rest: where no cluster is on two sides there is no need.
    if len(set().union(*(clusters.tolist() for clusters in sides))) == ends[-1]:
        return ends[-1], [slice(*span) for span in pairwise(ends)]
    every = np.unique(np.concatenate(sides))
    return len(every), [np.searchsorted(every, clusters) for clusters in sides]


def shared_clusters(a: Side, b: Side) -> int:
    """Count the clusters that stand on both sides."""
    return len(a.clusters) + len(b.clusters) - placed(a.clusters, b.clusters)[0]


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


def weigh(
    clusters: pd.Series, weighting: str = "utterance", likes: pd.Series | None = None, known: np.ndarray | None = None
) -> Weights:
    """Weigh utterances.

    Parameters
    ----------
    clusters : pandas.Series of str, shape (utterances,)
    weighting : {"utterance", "cluster", "likes"}
        The average comment, the average video, or what readers endorsed (weights 1, 1 / n of the cluster, likes).
    likes : pandas.Series of int, optional
        For ``likes``; an utterance whose likes are not known is left out, and one that was voted below 0 weighs 0.
    known : numpy.ndarray of bool, optional
        Which utterances have a value; the others (never scored as 0) are left out. Default: all.

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
    codes, names = _numbered(_Held(clusters.to_numpy(dtype=object)))
    kept = codes >= 0
    if known is not None:
        kept &= known
    lack = NOTHING
    if weighting == "likes" and kept.any():
        kept &= likes.notna().to_numpy()
        lack = NOT_LIKED if kept.any() else NO_LIKES
    codes = codes[kept]
    there = np.bincount(codes, minlength=len(names)) > 0
    if not there.all():
        codes, names = (np.cumsum(there) - 1)[codes], _chosen(Same(names), there.tobytes())
    known_likes = likes[kept].to_numpy(dtype=float) if weighting == "likes" else np.empty(0)
    return Weights(kept, weights_of(codes, weighting, known_likes), codes, names, lack)


class _Held:
    """The names of utterances' clusters as a key: the same strings in the same order, wherever the array lies."""

    def __init__(self, array: np.ndarray) -> None:
        # A copy: what rows hold can be replaced in place, and no other string stands where one of these does.
        self.array = array.copy()
        self._addresses = array.tobytes()
        self._hash = hash(self._addresses)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self._addresses == other._addresses


@lru_cache(maxsize=6)
def _numbered(key: _Held) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each utterance's cluster among the sorted names, -1 where it has none, and these."""
    codes, names = pd.factorize(key.array, sort=True)
    return codes, np.asarray(names, dtype=object)


@lru_cache(maxsize=64)
def _chosen(names: Same, there: bytes) -> np.ndarray:
    """Return some of the names: of the same ones the same array, so that where they stand is known again."""
    return names.array[np.frombuffer(there, dtype=bool)]


def weights_of(codes: np.ndarray, weighting: str, likes: np.ndarray) -> np.ndarray:
    """Return the weight of each utterance from the number of its cluster, or from its likes (:func:`weigh`)."""
    if weighting == "likes":
        return likes.clip(min=0)
    if weighting == "cluster":
        return 1.0 / np.bincount(codes)[codes]
    return np.ones(len(codes))


def make_side(
    values: pd.Series, clusters: pd.Series, weighting: str = "utterance", likes: pd.Series | None = None
) -> Side:
    """Sum a group's values (float, shape (utterances,)) by cluster; see :func:`weigh` for the rest."""
    numbers = values.to_numpy(dtype=float)
    weights = weigh(clusters, weighting, likes, ~np.isnan(numbers))
    return weights.side(numbers[weights.kept])


def name_clusters(told: str, units: str) -> str:
    """Return a reason in which clusters are called what they are (`analysis.compare.groups.any_of`).

    Examples
    --------
    >>> name_clusters("too few (1 in 1 cluster and 11 in 8 clusters)", "threads or accounts")
    'too few (1 in 1 thread or account and 11 in 8 threads or accounts)'

    """
    one = " or ".join(unit.removesuffix("s") for unit in units.split(" or "))
    return re.sub(r"\bcluster(s?)\b", lambda found: units if found[1] else one, told)
