"""Co-mention: which concepts go together in whose talk, more often than each one's own frequency makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.clusters import Side
from analysis.compare.concepts import weigh
from analysis.compare.contrasts import compare, describe_share, finish
from analysis.compare.groups import group_label, group_order, join_names, one_vantage

#: A ratio is given from so many utterances with both concepts: below, its interval would rest on hardly any.
MIN_TOGETHER = 10
#: The smallest effects of interest, stated before looking: 5 points of a share, a ratio of 1.5.
OF_INTEREST_POINTS = 5.0
OF_INTEREST_LOG2 = float(np.log2(1.5))
SHARE, RATIO = "share", "log2 ratio"
_MORE = ("first", "second", "together", "expected", "given_first", "given_second")


@dataclass(frozen=True)
class Talk:
    """One group's utterances: which concepts each mentions, with weights and clusters.

    Attributes
    ----------
    name : str
    flags : numpy.ndarray of float64, shape (utterances, concepts)
    weights : numpy.ndarray of float64, shape (utterances,)
        Summing to the number of utterances.
    codes : numpy.ndarray of int64, shape (utterances,)
        The place of each utterance's cluster among ``clusters``.
    clusters : numpy.ndarray of str
    strata : numpy.ndarray of int64, shape (utterances,)
        What is held constant when the expected number is formed (how long the utterance is).
    about : dict
        What stands beside a row: ``languages, vantage, label``.

    """

    name: str
    flags: np.ndarray
    weights: np.ndarray
    codes: np.ndarray
    clusters: np.ndarray
    strata: np.ndarray
    about: dict[str, str]

    @cached_property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The weight of each stratum, and of each concept in it, shape (strata, concepts)."""
        whole = np.bincount(self.strata, self.weights)
        each = np.zeros((len(whole), self.flags.shape[1]))
        np.add.at(each, self.strata, self.weights[:, None] * self.flags)
        return whole, each

    def side(self, values: np.ndarray) -> Side:
        """Sum values by cluster."""
        count = len(self.clusters)
        total = np.bincount(self.codes, self.weights * values, count)
        return Side(self.clusters, total, np.bincount(self.codes, self.weights, count), len(values))


@dataclass(frozen=True)
class Together:
    """Two concepts in one group's talk; without a ratio where too few utterances mention both."""

    together: int
    expected: float
    share: Side
    ratio: float = float("nan")
    influence: Side | None = None


def make_talk(flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> list[Talk]:
    """Take each group's flags.

    Parameters
    ----------
    flagged : pandas.DataFrame
        Of `analysis.compare.concepts.flag_concepts`. With a column ``length`` (tokens) utterances are compared with
        those of like length: a long one mentions more of everything. Lengths are alike between powers of two.
    concepts : sequence of str
    weighting : {"utterance", "cluster", "likes"}

    """
    out = []
    # Whole numbers are matched faster than names, and sort alike.
    flagged = flagged.assign(cluster_id=pd.factorize(flagged["cluster_id"], sort=True)[0])
    for name in group_order(flagged["group"]):
        mine, weights, codes, clusters = weigh(flagged[flagged["group"] == name], weighting)
        if not weights.sum() > 0:
            continue
        length = mine["length"] if "length" in mine else pd.Series(1, index=mine.index)
        # The whole part of log2, exactly: the logarithm of 8 need not be 3 to the last bit.
        strata = np.frexp(length.to_numpy(dtype=float).clip(min=1))[1].astype(np.int64) - 1
        about = {
            "languages": "+".join(sorted(set(mine["language"]))),
            "vantage": one_vantage(mine),
            "label": group_label(name, join_names(mine["collection"])),
        }
        # A column at a time is read.
        flags = np.asfortranarray(mine[list(concepts)].to_numpy(dtype=float))
        out.append(
            Talk(name, flags, weights * len(mine) / weights.sum(), codes, clusters.astype(np.int64), strata, about)
        )
    return out


def together(talk: Talk, i: int, j: int) -> Together:
    """Count how often two concepts are mentioned in one utterance, and how often chance alone would do it.

    With stratum s of weight W_s, in which A_s mention the one and B_s the other, E = sum A_s B_s / W_s, and the ratio
    is log2 (O + 1/2) / (E + 1/2) (the half as in Hardie 2014). Its error comes from influence values: an utterance
    moves O by its flag ab, and E by (B_s a + A_s b - E_s) / W_s.

    Parameters
    ----------
    talk : Talk
    i, j : int
        Places of the concepts.

    """
    a, b = talk.flags[:, i], talk.flags[:, j]
    both = a * b
    whole, each = talk.sums
    of_a, of_b = each[:, i], each[:, j]
    with np.errstate(invalid="ignore", divide="ignore"):
        by_stratum = np.where(whole > 0, of_a * of_b / whole, 0.0)
    observed, expected = float(talk.weights @ both), float(by_stratum.sum())
    if both.sum() < MIN_TOGETHER:
        return Together(int(both.sum()), expected, talk.side(both))
    s = talk.strata
    moves = both / (observed + 0.5)
    moves = moves - (of_b[s] * a + of_a[s] * b - by_stratum[s]) / whole[s] / (expected + 0.5)
    influence = talk.side(len(both) * moves / np.log(2))
    ratio = float(np.log2((observed + 0.5) / (expected + 0.5)))
    return Together(int(both.sum()), expected, talk.side(both), ratio, influence)


def comention(flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return how often each two concepts are mentioned together, by group.

    Parameters
    ----------
    flagged : pandas.DataFrame
    concepts : sequence of str
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, two rows a pair of concepts and group: ``statistic`` is ``share`` (of utterances that
        mention both) or ``log2 ratio`` (of observed to expected). Then ``first, second, together, expected`` and
        ``given_first``, the share of those that mention the first that mention the second, ``given_second`` the other
        way; ``languages, vantage, label``.

    """
    talks = make_talk(flagged, concepts, weighting)
    rows = []
    for i, j in combinations(range(len(concepts)), 2):
        for talk in talks:
            found = together(talk, i, j)
            mentioned = talk.weights @ talk.flags[:, [i, j]]
            with np.errstate(invalid="ignore", divide="ignore"):
                given = found.share.total.sum() / mentioned
            more = {"first": concepts[i], "second": concepts[j], "together": found.together}
            more |= {"expected": found.expected, "given_first": given[0], "given_second": given[1], **talk.about}
            name = f"{concepts[i]} + {concepts[j]}"
            rows.append({**describe_share(name, talk.name, found.share), "statistic": SHARE, **more})
            rows.append({**_ratio(name, [(talk.name, found)]), "statistic": RATIO, **more})
    return _whole(finish(rows), ["statistic", *_MORE, "languages", "vantage", "label"])


def comention_contrasts(flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> pd.DataFrame:
    """Compare how often each two concepts go together between all pairs of groups.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, two rows a pair of concepts and a pair of groups: ``statistic`` ``share`` (effect in
        points) and ``log2 ratio`` (effect in log2). Then ``first, second, together_a, together_b, unit``.

    """
    rows = []
    pairs = list(combinations(range(len(concepts)), 2))
    talks = [
        (talk, {pair: together(talk, *pair) for pair in pairs}) for talk in make_talk(flagged, concepts, weighting)
    ]
    for (a, of_a), (b, of_b) in combinations(talks, 2):
        for i, j in pairs:
            found = [of_a[i, j], of_b[i, j]]
            more = {"first": concepts[i], "second": concepts[j]}
            more |= {"together_a": found[0].together, "together_b": found[1].together}
            name = f"{concepts[i]} + {concepts[j]}"
            row = compare(
                name,
                a.name,
                found[0].share,
                b.name,
                found[1].share,
                unit=0.01,
                unit_name="points",
                of_interest=OF_INTEREST_POINTS,
            )
            rows.append({**row, "statistic": SHARE, **more, "unit": "points"})
            row = _ratio(name, [(a.name, found[0]), (b.name, found[1])])
            rows.append({**row, "statistic": RATIO, **more, "unit": "log2"})
    return _whole(finish(rows), ["statistic", "first", "second", "together_a", "together_b", "unit"])


def _whole(table: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    """Add the columns that a table without rows lacks."""
    return table.reindex(columns=list(dict.fromkeys([*table.columns, *more])))


def _ratio(measure: str, sides: Sequence[tuple[str, Together]]) -> dict[str, Any]:
    """Return a row about one ratio or the difference of two; too few utterances with both leave nothing but a note."""
    named: list[Any] = []
    for name, found in sides:
        named += [name, found.share if found.influence is None else found.influence]
    fewest = min(found.together for _, found in sides)
    if fewest >= MIN_TOGETHER:
        estimate = sides[0][1].ratio - (sides[1][1].ratio if len(sides) > 1 else 0.0)
        return compare(measure, *named, estimate=estimate, unit_name="log2", of_interest=round(OF_INTEREST_LOG2, 2))
    row = compare(measure, *named)
    empty = dict.fromkeys(("estimate", "se", "df", "ci_low", "ci_high", "p", "effect"), float("nan"))
    return row | empty | {"note": f"too few: {fewest} utterances with both"}
