"""Co-mention: which concepts each group mentions together, more often than each one's own frequency makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare.clusters import Side, Weights, weigh
from analysis.compare.contrasts import SHARE_COLUMNS, compare, compare_shares, decide, describe_share, finish, withhold
from analysis.compare.dataset import Dataset
from analysis.compare.groups import describe_group, group_order
from analysis.compare.kept import kept
from analysis.compare.permutation import Block, Test, share_test
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.digits import rounded, settled
from analysis.errors import plural

#: A ratio is given from so many utterances with both concepts: below, its interval would rest on hardly any. The ratios
#: of two groups are compared where so many would fall on either side if they spoke alike: what is left out must not
#: hang on which side they fell.
MIN_TOGETHER = 10
SHARE, RATIO = "share", "log2 ratio"
_MORE = ("first", "second", "together", "expected", "given_first", "given_second")


@dataclass(frozen=True)
class ConceptMatrix:
    """One group's utterances: which concepts each mentions, with weights and clusters.

    Attributes
    ----------
    name : str
    flags : numpy.ndarray of bool, shape (utterances, concepts)
    by : Weights
        Summing to the number of utterances.
    strata : numpy.ndarray of int64, shape (utterances,)
        What is held constant when the expected number is formed (how long the utterance is).
    number : int
        Of strata, the same in all groups.
    about : dict
        What stands beside a row: ``languages, vantage, label``.

    """

    name: str
    flags: np.ndarray
    by: Weights
    strata: np.ndarray
    number: int
    about: dict[str, str]

    @cached_property
    def by_stratum(self) -> sparse.csr_array:
        """The weight by cluster of each stratum, then of each concept in it, shape (clusters, columns)."""
        at, concept = np.nonzero(self.flags)
        codes, weights = self.by.codes, self.by.weights
        rows = np.concatenate([codes, codes[at]])
        columns = np.concatenate([self.strata, self.number * (1 + concept) + self.strata[at]])
        data = np.concatenate([weights, weights[at]])
        shape = (len(self.by.clusters), self.number * (1 + self.flags.shape[1]))
        return sparse.coo_array((data, (rows, columns)), shape=shape).tocsr()

    @cached_property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The weight of each stratum, shape (strata,), and of each concept in it, shape (concepts, strata)."""
        whole, *each = self.by_stratum.sum(axis=0).reshape(-1, self.number)
        return whole, np.array(each)


@dataclass(frozen=True)
class Together:
    """Two concepts in one group; the weight of the utterances with both, and what chance makes of it."""

    together: int
    observed: float
    expected: float
    share: Side
    ratio: float
    influence: Side


def concept_matrices(
    flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance"
) -> list[ConceptMatrix]:
    """Take each group's flags.

    Parameters
    ----------
    flagged : pandas.DataFrame
        Of `analysis.compare.dataset.flag_concepts`. With a column ``length`` (tokens) utterances are compared with
        those of like length: a long one mentions more of everything. Lengths are alike between powers of two.
    weighting : {"utterance", "cluster", "likes"}

    """
    out = []
    # Whole numbers are matched faster than names, and sort alike; what clusters are is told by their names.
    clusters = pd.factorize(flagged["cluster_id"], sort=True)[0]
    length = flagged["length"].to_numpy(dtype=float) if "length" in flagged else np.ones(len(flagged))
    # The whole part of log2, exactly: the logarithm of 8 need not be 3 to the last bit.
    strata = np.frexp(length.clip(min=1))[1].astype(np.int64) - 1
    for name in group_order(flagged["group"]):
        named = (flagged["group"] == name).to_numpy()
        mine = flagged[named]
        by = weigh(pd.Series(clusters[named], mine.index), weighting, mine["likes"])
        if not by.weights.sum() > 0:
            continue
        mine = mine[by.kept]
        by = replace(by, weights=by.weights * len(mine) / by.weights.sum(), clusters=by.clusters.astype(np.int64))
        about = describe_group(name, mine)
        # A column at a time is read.
        flags = np.asfortranarray(mine[list(concepts)].to_numpy(dtype=float) > 0)
        out.append(ConceptMatrix(name, flags, by, strata[named][by.kept], int(strata.max()) + 1, about))
    return out


def together(matrix: ConceptMatrix, i: int, j: int) -> Together:
    """Count how often two concepts are mentioned in one utterance, and how often chance alone would do it.

    With stratum s of weight W_s, in which A_s mention the one and B_s the other, E = sum A_s B_s / W_s, and the ratio
    is log2 (O + 1/2) / (E + 1/2) (the half as in Hardie 2014). Its error comes from influence values: an utterance
    moves O by its flag ab, and E by (B_s a + A_s b - E_s) / W_s, of which the sums by cluster are sums of its sums.

    Parameters
    ----------
    i, j : int
        Places of the concepts.

    """
    both = np.flatnonzero(matrix.flags[:, i] & matrix.flags[:, j])
    by_cluster = np.bincount(matrix.by.codes[both], matrix.by.weights[both], len(matrix.by.clusters))
    whole, each = matrix.sums
    share_a, share_b = (np.divide(each[k], whole, out=np.zeros_like(whole), where=whole > 0) for k in (i, j))
    observed, expected = float(by_cluster.sum()), float((share_a * each[j]).sum())
    moves = np.zeros((1 + len(each), matrix.number))
    moves[0], moves[1 + i], moves[1 + j] = -share_a * share_b, share_b, share_a
    moved = by_cluster / (observed + 0.5) - matrix.by_stratum @ moves.ravel() / (expected + 0.5)
    influence = matrix.by.of(len(matrix.flags) * moved / np.log(2))
    ratio = float(np.log2((observed + 0.5) / (expected + 0.5)))
    return Together(len(both), observed, expected, matrix.by.of(by_cluster), ratio, influence)


def comention(flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return how often each two concepts are mentioned together, by group.

    Parameters
    ----------
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, two rows a pair of concepts and group: ``statistic`` is ``share`` (of utterances that
        mention both) or ``log2 ratio`` (of observed to expected). Then ``first, second, together, expected`` and
        ``given_first``, the share of those that mention the first that mention the second, ``given_second`` the other
        way; ``languages, vantage, label``.

    """
    matrices = concept_matrices(flagged, concepts, weighting)
    rows = []
    for i, j in combinations(range(len(concepts)), 2):
        for matrix in matrices:
            found = together(matrix, i, j)
            mentioned = matrix.sums[1][[i, j]].sum(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                given = found.share.total.sum() / mentioned
            more = {"first": concepts[i], "second": concepts[j], "together": found.together}
            more |= {"expected": found.expected, "given_first": given[0], "given_second": given[1], **matrix.about}
            name = f"{concepts[i]} + {concepts[j]}"
            rows.append({**describe_share(name, matrix.name, found.share), "statistic": SHARE, **more})
            rows.append({**_ratio(name, [(matrix.name, found)]), "statistic": RATIO, **more})
    return finish(rows, ["statistic", *_MORE, "languages", "vantage", "label"])


def comention_contrasts(
    flagged: pd.DataFrame,
    concepts: Sequence[str],
    weighting: str = "utterance",
    rng: np.random.Generator | None = None,
    draws: int = 1999,
) -> pd.DataFrame:
    """Compare how often each two concepts go together between all pairs of groups.

    Parameters
    ----------
    weighting : {"utterance", "cluster", "likes"}
    rng : numpy.random.Generator, optional
        With it ``p`` is from permuting clusters, without it that of the interval.
    draws : int
        Permutations.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, two rows a pair of concepts and a pair of groups: ``statistic`` ``share`` (effect in
        points) and ``log2 ratio`` (effect in log2). Then ``first, second, together_a, together_b, unit``, and of shares
        `analysis.compare.contrasts.SHARE_COLUMNS`.

    """
    made = []
    pairs = list(combinations(range(len(concepts)), 2))
    matrices = [
        (matrix, {pair: together(matrix, *pair) for pair in pairs})
        for matrix in concept_matrices(flagged, concepts, weighting)
    ]
    for (a, of_a), (b, of_b) in combinations(matrices, 2):
        rows = []
        permuted = _Associations.of(a, b)
        for i, j in pairs:
            found = [of_a[i, j], of_b[i, j]]
            more = {"first": concepts[i], "second": concepts[j]}
            more |= {"together_a": found[0].together, "together_b": found[1].together}
            name, share = f"{concepts[i]} + {concepts[j]}", [one.share for one in found]
            row = compare_shares(name, a.name, share[0], b.name, share[1])
            test = share_test(*share)
            rows.append(({**row, "statistic": SHARE, **more, "unit": "points"}, test))
            row = _ratio(name, [(a.name, found[0]), (b.name, found[1])])
            rows.append(({**row, "statistic": RATIO, **more, "unit": "log2"}, permuted.test(i, j, test.blocks[0])))
        made.append(rows)
    if rng is not None:
        decide(made, draws, rng)
    more = ["statistic", "first", "second", "together_a", "together_b", "unit", *SHARE_COLUMNS]
    return finish((row for rows in made for row, _ in rows), more)


class _Associations(NamedTuple):
    """What the ratios of all pairs of concepts are permuted from: each concept's weight in each stratum."""

    block: Block
    strata: int

    @classmethod
    def of(cls, a: ConceptMatrix, b: ConceptMatrix) -> _Associations:
        return cls(Block(a.by.clusters, a.by_stratum, b.by.clusters, b.by_stratum), a.number)

    def test(self, i: int, j: int, together: Block) -> Test:
        """Test the difference of the log ratios of two concepts; first of the block is how often both are mentioned.

        It is divided by its standard error if utterances were independent, sqrt(1 / O_a + 1 / O_b).
        """
        whole, first, second = (slice(self.strata * k, self.strata * (k + 1)) for k in (0, 1 + i, 1 + j))

        def statistic(on_a: Sequence[np.ndarray], on_b: Sequence[np.ndarray]) -> np.ndarray:
            ratios, variance = [], 0.0
            for by_stratum, (observed, *_) in (on_a, on_b):
                expected = np.nan_to_num(by_stratum[first] * by_stratum[second] / by_stratum[whole]).sum(axis=0)
                ratios.append(np.log((observed + 0.5) / (expected + 0.5)))
                variance = variance + 1 / (observed + 0.5)
            return (ratios[0] - ratios[1]) / np.sqrt(variance)

        return Test((self.block, together), statistic)


def _ratio(measure: str, sides: Sequence[tuple[str, Together]]) -> dict[str, Any]:
    """Return a row about one ratio or the difference of two; too few utterances with both leave nothing but a note."""
    named: list[Any] = []
    for name, found in sides:
        named += [name, found.influence]
    every, said = sum(found.together for _, found in sides), sum(found.influence.n for _, found in sides)
    fewest = min(every * found.influence.n / said for _, found in sides) if said else 0
    # The half that is added to what was observed is no observation.
    unsure = sum(0.5 / (found.observed + 0.5) ** 2 for _, found in sides) / np.log(2) ** 2
    estimate = sides[0][1].ratio - (sides[1][1].ratio if len(sides) > 1 else 0.0)
    of_interest = {"unit_name": "log2", "of_interest": round(OF_INTEREST_LOG2, 2)}
    row = compare(measure, *named, estimate=estimate, extra_variance=unsure, **of_interest)
    if settled(fewest) >= MIN_TOGETHER:
        return row
    note = f"too few: {plural(every, 'utterance')} with both"
    return withhold(row, note if len(sides) == 1 else f"{note}, {fewest:.2g} expected on a side")


# What notebook 04 calls -----------------------------------------------------------------------------------------------


def concept_pairs(study: Dataset) -> pd.DataFrame:
    """Return which concepts go together in whose talk (see :func:`comention`)."""
    weighting = study.parameters.weighting
    return rounded(comention(_with_length(study), study.concepts, weighting).assign(weighting=weighting))


@kept
def concept_pair_differences(study: Dataset) -> pd.DataFrame:
    """Compare which concepts go together in the talk of each pair of groups (see :func:`comention_contrasts`)."""
    options = study.parameters
    rows = _with_length(study)
    table = comention_contrasts(rows, study.concepts, options.weighting, study.rng(), options.draws)
    return rounded(table.assign(weighting=options.weighting))


def _with_length(study: Dataset) -> pd.DataFrame:
    return study.mentioned.assign(length=study.lengths(study.mentioned))
