"""What the multiverse needs of a side: sums by cluster of a score, for every choice of whom to count and how to weigh.

Choices of whom to count part the utterances into a few classes: those that the same choices keep. Scores and likes are
added up once by language, class and cluster; a choice is then a sum over classes, a weighting a quotient of sums, and
another scale of a language (of points from a reference collection, or linked to English) a line through its sums. So
one score takes one pass over the utterances, and a specification none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from analysis.compare.clusters import Side

#: A scale: points = intercept + slope x what is summed.
Line = tuple[float, float]
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Picked:
    """A side under one choice: rows are languages, in the order of ``languages``.

    Attributes
    ----------
    languages : tuple of str
    clusters : numpy.ndarray of int64, shape (clusters,)
        Those that have an utterance, sorted.
    weight, total : numpy.ndarray of float64, shape (languages, clusters)
        Sums of weights, and of weight times score.
    n, mean, squares : numpy.ndarray of float64, shape (languages,)
        Utterances, their unweighted mean, and their squared deviations from it; of none NaN and 0.
    weights : float
        Sum of the squared weights of all utterances.
    key : tuple
        Equal for the same scores of the same utterances weighed alike: their sums weighted by random numbers, one an
        utterance, to nine digits of what is summed, which is far fewer than floats have, and far more than two
        different choices would share.

    """

    languages: tuple[str, ...]
    clusters: np.ndarray
    weight: np.ndarray
    total: np.ndarray
    n: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    weights: float
    key: tuple[Any, ...]

    def on(self, lines: Mapping[str, Line]) -> Picked:
        """Return the same with the scores of some languages on other scales."""
        slope, intercept = np.array([lines.get(code, (1.0, 0.0)) for code in self.languages]).T
        total = slope[:, None] * self.total + intercept[:, None] * self.weight
        return replace(self, total=total, mean=slope * self.mean + intercept, squares=slope**2 * self.squares)

    @cached_property
    def side(self) -> Side:
        """Its sums by cluster, over languages."""
        total, weight = self.total.sum(axis=0), self.weight.sum(axis=0)
        return Side(self.clusters, total, weight, round(self.n.sum()), self.weights)

    @property
    def moments(self) -> tuple[float, float, float]:
        """How many scores there are, their mean and squared deviations from it, unweighted, over languages."""
        there = self.n > 0
        n, mean = self.n[there], self.mean[there]
        middle = float((n * mean).sum() / n.sum()) if len(n) else float("nan")
        return float(n.sum()), middle, float(self.squares[there].sum() + (n * np.square(mean - middle)).sum())

    def held(self, language: str) -> float:
        """Return the weighted share of a language."""
        return self._of(self.weight, language)

    def mean_of(self, language: str) -> float:
        """Return the weighted mean where utterances of other languages count 0."""
        return self._of(self.total, language)

    def _of(self, sums: np.ndarray, language: str) -> float:
        if language not in self.languages:
            return 0.0
        return float(sums[self.languages.index(language)].sum() / self.weight.sum())


class Places:
    """The utterances of one side, laid out by language and class."""

    def __init__(
        self,
        at: np.ndarray,
        clusters: np.ndarray,
        languages: np.ndarray,
        classes: np.ndarray,
        likes: np.ndarray,
        mark: np.ndarray,
    ) -> None:
        """Lay out the utterances at some places.

        Parameters
        ----------
        at : numpy.ndarray of int64, shape (utterances,)
        clusters, classes : numpy.ndarray of int, shape (all,)
        languages : numpy.ndarray of str, shape (all,)
        likes : numpy.ndarray of float64, shape (all,)
            NaN where they are not known.
        mark : numpy.ndarray of float64, shape (all,)
            A number of each utterance's own.

        """
        spoken, language = np.unique(languages[at], return_inverse=True)
        several = int(classes.max(initial=0)) + 1
        groups, group = np.unique(language * several + classes[at], return_inverse=True)
        self.languages, self.language_of = tuple(map(str, spoken)) or ("",), groups // several
        self.class_of, self.groups = groups % several, len(groups)
        self.clusters, cluster = np.unique(clusters[at], return_inverse=True)
        cell = group * len(self.clusters) + cluster
        # Utterances of a group, and in it of a cluster, stand together: sums read memory from end to end.
        order = np.argsort(cell, kind="stable")
        self.at, self.cell = at[order], cell[order]
        self.starts = np.searchsorted(group[order], np.arange(self.groups))
        likes, self.mark = likes[self.at], mark[self.at]
        self.liked = ~np.isnan(likes)
        self.likes = np.where(self.liked, likes, 0.0).clip(min=0)
        self._names: dict[bytes, np.ndarray] = {}

    def names(self, there: np.ndarray) -> np.ndarray:
        """Return the clusters that are there: of the same ones the same array, so that they are known again."""
        return self._names.setdefault(there.tobytes(), self.clusters[there])

    def sums(self, scores: np.ndarray) -> Summed:
        """Add up scores of all utterances (shape (all,)); those without one, NaN, do not count."""
        values = np.asarray(scores)[self.at]
        known = ~np.isnan(values)
        values = np.where(known, values, 0.0)
        return Summed(self, self._once(values, known), self._liked(values, known & self.liked), {})

    def _once(self, values: np.ndarray, known: np.ndarray) -> _Sums:
        count, total = np.rint(self._by_cluster(known)), self._by_cluster(values)
        n = np.rint(count.sum(axis=1))
        centre = float(total.sum() / max(n.sum(), 1.0))
        away = np.where(known, values - centre, 0.0)
        told = np.square(values), self.mark * known, self.mark * values
        spread, *told = map(self._by_group, (np.square(away), *told))
        first, one = total.sum(axis=1) - centre * n, np.ones(self.groups)
        return _Sums(centre, np.stack([n, first, spread, n, *told]), np.stack([count, total]), one, one)

    def _liked(self, values: np.ndarray, known: np.ndarray) -> _Sums:
        likes, plain = self.likes * known, self._once(values * known, known)
        least = np.minimum.reduceat(np.where(known, likes, np.inf), self.starts) if len(known) else np.zeros(0)
        most = np.maximum.reduceat(np.where(known, likes, -np.inf), self.starts) if len(known) else np.zeros(0)
        plain.by_group[3] = self._by_group(np.square(likes))
        weighed = np.stack([plain.by_cluster[0], self._by_cluster(likes), self._by_cluster(likes * values)])
        return plain._replace(by_cluster=weighed, least=least, most=most)

    def _by_cluster(self, each: np.ndarray) -> np.ndarray:
        count = self.groups * len(self.clusters)
        return np.bincount(self.cell, each, count).reshape(self.groups, len(self.clusters))

    def _by_group(self, each: np.ndarray) -> np.ndarray:
        return np.add.reduceat(each, self.starts) if len(each) else np.zeros(0)


class _Sums(NamedTuple):
    """Sums by group (of language and class), and by group and cluster.

    Attributes
    ----------
    centre : float
    by_group : numpy.ndarray, shape (7, groups)
        How many; deviations from the centre and their squares, unweighted; squared weights; squared scores; and,
        weighted by the utterances' own numbers, how many and their scores.
    by_cluster : numpy.ndarray, shape (2 or 3, groups, clusters)
        How many, unless that is the weight; weight; weight times score.
    least, most : numpy.ndarray, shape (groups,)
        The least and the largest weight.

    """

    centre: float
    by_group: np.ndarray
    by_cluster: np.ndarray
    least: np.ndarray
    most: np.ndarray


class Summed(NamedTuple):
    """A side's sums of one score."""

    places: Places
    plain: _Sums
    liked: _Sums
    known: dict[tuple[bytes, str], Picked]

    def pick(self, kept: np.ndarray, weighting: str) -> Picked:
        """Return the side of the utterances that count.

        Parameters
        ----------
        kept : numpy.ndarray of bool, shape (classes,)
            Which classes of utterances do.
        weighting : {"utterance", "cluster", "likes"}
            As in `analysis.compare.clusters.weigh`; by likes, utterances whose likes are not known are left out.

        """
        sums = self.liked if weighting == "likes" else self.plain
        groups = kept[self.places.class_of] & (sums.by_group[0] > 0)
        name = groups.tobytes(), weighting
        if name not in self.known:
            self.known[name] = self._pick(sums, groups, weighting)
        return self.known[name]

    def _pick(self, sums: _Sums, groups: np.ndarray, weighting: str) -> Picked:
        places = self.places
        mine = [np.flatnonzero(groups & (places.language_of == code)) for code in range(len(places.languages))]
        (n, first, second), by_cluster = (
            np.stack([each[:, rows].sum(axis=1) for rows in mine], axis=1)
            for each in (sums.by_group[:3], sums.by_cluster)
        )
        n, there = np.rint(n), by_cluster[0].any(axis=0)
        by_cluster = by_cluster[..., there]
        count, weight, total = by_cluster[0], by_cluster[-2], by_cluster[-1]
        squares, power, marks, scores = sums.by_group[3:, groups].sum(axis=1)
        alike = True
        if weighting == "cluster":
            of_each = np.rint(count.sum(axis=0))
            weight, total, squares = count / of_each, total / of_each, (1 / of_each).sum()
            alike = len(of_each) > 0 and of_each.min() == of_each.max()
        elif weighting == "likes":
            alike = sums.least[groups].min(initial=np.inf) == sums.most[groups].max(initial=-np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, spread = first / n, np.where(n > 0, second - np.square(first) / n, 0.0)
        # Of equal scores, squares less a square are their last bits.
        moments = n, mean + sums.centre, np.where(spread > _ROUNDING * second, spread, 0.0)
        # One weight for all is every utterance alike, whatever it is.
        told = f"{marks:.9g}", f"{power:.9g}", f"{scores / max(np.sqrt(power), 1e-300):.9f}"
        key = (round(n.sum()), "alike" if alike else weighting, *told)
        return Picked(places.languages, places.names(there), weight, total, *moments, float(squares), key)
