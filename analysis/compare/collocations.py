"""What stands near a term or concept, by group: logDice, MI and t, and their differences with cluster intervals.

What is counted. Only terms count (`analysis.compare.vocabulary.is_term`): punctuation, numbers and links take no place
in a window, nor does the name in ``u/name``. The window of one occurrence of the node is the ``window`` terms before
it and after it in the same utterance. A term that stands in several windows counts once (the union of the windows:
surface co-occurrence, Evert 2008), and the node's own words count nowhere. With these, in one group:

- ``node``: occurrences of the node, f_x;
- ``term``: occurrences of the collocate outside the node, f_y;
- ``together``: those of them that stand in a window, f_xy = O;
- ``near`` and ``words``: all terms in windows, and all terms outside the node.

logDice = 14 + log2(2 f_xy / (f_x + f_y)) (Rychlý 2008): it does not depend on the size of the corpus; one more is twice
as typical. (Where a collocate is repeated around one node it can pass its nominal ceiling of 14.)
MI = log2(O / E) (Church & Hanks 1990) with E = near · f_y / words, which is f_x · f_y · span / words but for windows
that overlap or meet the end of an utterance. t = (O - E) / sqrt(O) (Church et al. 1991): it takes tokens for
independent, so it is named ``t_tokens`` and no test is made of it.

Two groups' logDice differ by log2 of the ratio of two shares, of f_xy among f_x + f_y, as two groups' words do: their
difference has the interval and p of key words (`analysis.compare.keyness`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, effective_clusters
from analysis.compare.contrasts import FEW_NOTE
from analysis.compare.cooccurrence import CooccurrenceCounts, count_near
from analysis.compare.dataset import Dataset
from analysis.compare.groups import Group
from analysis.compare.jackknife import Jackknife, deviations, jackknife_difference
from analysis.compare.keyness import infer
from analysis.compare.keyness_permutation import Grid, keyness_p
from analysis.compare.nodes import WORD, known_tokens, node_patterns, readable_groups
from analysis.compare.pairings import PAIR, lawful_pairs, name_sides, stack
from analysis.digits import settled

#: One group's columns; a contrast has each of them twice, ``_a`` and ``_b``.
SIDE_COLUMNS = ("together", "node", "term", "expected", "log_dice", "mi", "t_tokens", "clusters", "g", "node_g")
CONTRAST_COLUMNS = (
    "collocate",
    *(f"{name}_{side}" for side in "ab" for name in SIDE_COLUMNS),
    *("log_dice_difference", "se", "df", "ci_low", "ci_high", "p", "q"),
    *("mi_difference", "mi_ci_low", "mi_ci_high", "note"),
)
_BLOCK = 200  # collocates whose clusters are left out at once
_ROUNDING = 1e-12


class _Columns(NamedTuple):
    """One group's cluster sums for chosen collocates: two of shape (clusters, chosen), three of (clusters, 1)."""

    together: np.ndarray
    term: np.ndarray
    node: np.ndarray
    near: np.ndarray
    words: np.ndarray

    def sums(self) -> _Columns:
        return _Columns(*(part.sum(axis=0) for part in self))

    def without_each(self) -> _Columns:
        """Return the sums without each cluster in turn."""
        return _Columns(*(part.sum(axis=0) - part for part in self))

    @property
    def among(self) -> np.ndarray:
        """What co-occurrences are a share of, f_x + f_y."""
        return self.node + self.term

    def scores(self) -> np.ndarray:
        """Return logDice and MI, shape (2, ...); NaN without co-occurrence: the logarithm of 0 is no small number."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log_dice = 14 + np.log2(2 * self.together / self.among)
            mi = np.log2(self.together * self.words / (self.near * self.term))
        return np.where(self.together > 0, [log_dice, mi], np.nan)

    def effective(self) -> np.ndarray:
        """Return G* of the co-occurrences, shape (chosen,)."""
        return _effective(self.together)

    def deviations(self) -> np.ndarray:
        """Return how each left-out cluster moves ln of the share and MI, shape (2, clusters, chosen).

        As `analysis.compare.jackknife`; half a co-occurrence is added for the share, as for key words.
        """
        rest = self.without_each()
        with np.errstate(divide="ignore", invalid="ignore"):
            without = np.stack([np.log(rest.together + 0.5) - np.log(rest.among), rest.scores()[1]])
        return deviations(without, axis=1)


def _effective(weight: np.ndarray) -> np.ndarray:
    """Return `clusters.effective_clusters` of each column."""
    return weight.sum(axis=0) ** 2 / np.maximum(np.square(weight).sum(axis=0), 1)


def _chosen(side: CooccurrenceCounts, terms: np.ndarray) -> _Columns:
    """Return the columns of ``terms``; one that the group never uses is 0 in every cluster."""
    at = np.searchsorted(side.terms, terms) if len(side.terms) else np.zeros(len(terms), int)
    at = np.minimum(at, max(len(side.terms) - 1, 0))
    known = side.terms[at] == terms if len(side.terms) else np.zeros(len(terms), dtype=bool)
    together, term = np.zeros((2, len(side.clusters), len(terms)))
    together[:, known], term[:, known] = side.together[:, at[known]].toarray(), side.term[:, at[known]].toarray()
    return _Columns(together, term, *(part[:, None].astype(float) for part in (side.node, side.near, side.words)))


def _blocks(terms: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the terms some at a time, at least one (perhaps empty) block: their clusters stand in dense arrays."""
    for start in range(0, max(len(terms), 1), _BLOCK):
        yield terms[start : start + _BLOCK]


def _describe(columns: _Columns) -> dict[str, np.ndarray]:
    """Return :data:`SIDE_COLUMNS` of chosen collocates."""
    sums = columns.sums()
    log_dice, mi = sums.scores()
    expected = sums.near * sums.term / np.maximum(sums.words, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(sums.together > 0, (sums.together - expected) / np.sqrt(sums.together), np.nan)
    clusters, node = (columns.together > 0).sum(axis=0), np.broadcast_to(sums.node, sums.term.shape)
    whole = [part.astype(np.int64) for part in (sums.together, node, sums.term)]
    node_g = np.full(sums.term.shape, effective_clusters(columns.node))
    cells = (*whole, expected, log_dice, mi, t, clusters, columns.effective(), node_g)
    return dict(zip(SIDE_COLUMNS, cells, strict=True))


def _frequent(sides: Sequence[CooccurrenceCounts], min_count: int) -> np.ndarray:
    """Return the terms that stand near the node ``min_count`` times in all groups together, sorted."""
    sums = [pd.Series(np.asarray(side.together.sum(axis=0)).ravel(), index=side.terms) for side in sides]
    total = pd.concat(sums).groupby(level=0).sum()
    return np.array(sorted(total.index[total >= max(min_count, 1)]), dtype=object)


def describe_collocates(side: CooccurrenceCounts, min_count: int = 5) -> pd.DataFrame:
    """Return what stands near a node in one group.

    Parameters
    ----------
    min_count : int
        A collocate is declared if it stands near the node this often.

    Returns
    -------
    pandas.DataFrame
        ``collocate``, then :data:`SIDE_COLUMNS`, sorted by collocate. ``clusters`` are those that hold the pair, ``g``
        is their effective number, and ``node_g`` that of those with the node.

    """
    pieces = [
        pd.DataFrame({"collocate": block, **_describe(_chosen(side, block))})
        for block in _blocks(_frequent([side], min_count))
    ]
    return pd.concat(pieces, ignore_index=True)


def contrast_collocates(
    a: CooccurrenceCounts,
    b: CooccurrenceCounts,
    min_count: int = 5,
    *,
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Compare what stands near a node in two groups of one language.

    Parameters
    ----------
    a, b : CooccurrenceCounts
        Of one node and one window.
    min_count : int
        A collocate is declared if it stands near the node this often in both groups together.
    draws : int
        Permutations of clusters for every collocate; 0: no p.
    rng : numpy.random.Generator, optional
        For them.

    Returns
    -------
    pandas.DataFrame
        :data:`CONTRAST_COLUMNS`, sorted by collocate. Differences are a - b. logDice's is log2 of the ratio of two
        shares, of co-occurrences among f_x + f_y; its 95 % interval and ``p`` are those of key words
        (`analysis.compare.log_ratio.interval`, `analysis.compare.keyness_permutation.keyness_p`): p is under .05
        exactly where the interval excludes 0. Where a group never has the two together, its logDice is minus infinity:
        it is left empty, and so is the difference; the interval is open. ``se`` and ``df`` are those of the cluster
        jackknife. ``q`` is Benjamini & Hochberg's over the table. MI's interval is the jackknife's, with t on
        Satterthwaite's degrees of freedom from G* of the co-occurrences (``g_a``, ``g_b``), from 5 on a side.

        Where the node itself has under 5 effective clusters on a side (``node_g_a``, ``node_g_b``) there is no
        interval, under 10 no p.

    """
    terms = _frequent([a, b], min_count)
    table = pd.concat([_scores(block, a, b) for block in _blocks(terms)], ignore_index=True)
    table[["se", "df", "ci_low", "ci_high", "p", "q", "mi_ci_low", "mi_ci_high"]] = np.nan
    fewest = settled(min(effective_clusters(side.node) for side in (a, b)))
    if fewest < FEW_FOR_INTERVAL or table.empty:
        return table.assign(note=FEW_NOTE)[list(CONTRAST_COLUMNS)]
    spreads, margins = zip(*(_spread(block, a, b) for block in _blocks(terms)), strict=True)
    spread, margin = Jackknife(*np.concatenate(spreads, axis=1)), np.concatenate(margins)
    table["se"], table["df"] = np.sqrt(spread.variance) / np.log(2), spread.df
    table["mi_ci_low"], table["mi_ci_high"] = table["mi_difference"] - margin, table["mi_difference"] + margin
    n_a, n_b = (table[f"together_{side}"].to_numpy(dtype=float) for side in "ab")
    among_a, among_b = ((table[f"node_{side}"] + table[f"term_{side}"]).to_numpy(dtype=float) for side in "ab")
    permuted = (lambda: keyness_p(_grid(a, terms), _grid(b, terms), draws, rng)) if draws else None
    return infer(table, (n_a, n_b), (among_a, among_b), spread, fewest, permuted)[list(CONTRAST_COLUMNS)]


def _grid(side: CooccurrenceCounts, terms: np.ndarray) -> Grid:
    """Return the co-occurrences with ``terms``, and what they are a share of: the node, and each term's own part."""
    place = pd.Index(side.terms).get_indexer(terms)
    together, term = (part.tocsr()[:, np.maximum(place, 0)] for part in (side.together, side.term))
    known = sparse.diags_array((place >= 0).astype(float))
    return Grid(side.clusters, (together @ known).tocsr(), side.node.astype(float), (term @ known).tocsr())


def _scores(terms: np.ndarray, a: CooccurrenceCounts, b: CooccurrenceCounts) -> pd.DataFrame:
    table = pd.DataFrame({"collocate": terms})
    for name, side in zip("ab", (a, b), strict=True):
        table = table.assign(**{f"{key}_{name}": cells for key, cells in _describe(_chosen(side, terms)).items()})
    for score in ("log_dice", "mi"):
        # Where both sides have the same, none is left of the last bits of a logarithm.
        table[f"{score}_difference"] = settled(table[f"{score}_a"]) - settled(table[f"{score}_b"])
    return table


def _spread(terms: np.ndarray, a: CooccurrenceCounts, b: CooccurrenceCounts) -> tuple[Jackknife, np.ndarray]:
    """Return the jackknife of ln of the ratio of shares, and the margin of MI's interval."""
    sides = [_chosen(side, terms) for side in (a, b)]
    names, (shares, mi) = (a.clusters, b.clusters), zip(*(side.deviations() for side in sides), strict=True)
    held = [side.effective() for side in sides]
    spread = jackknife_difference(names, mi, [g - 1 for g in held])
    se = np.sqrt(spread.variance)
    known = (settled(np.minimum(*held)) >= FEW_FOR_INTERVAL) & (se > _ROUNDING)
    margin = np.where(known, stdtrit(np.where(known, spread.df, 1), 0.975) * se, np.nan)
    return jackknife_difference(names, shares, [_effective(side.among) - 1 for side in sides]), margin


# What notebook 03 calls -----------------------------------------------------------------------------------------------


def collocates(study: Dataset) -> pd.DataFrame:
    """Return what stands near each node, for every pair of groups of one language, and for a group that is alone.

    Returns
    -------
    pandas.DataFrame
        ``node, language, a, b`` (``b`` missing for a group alone), then the columns of
        `analysis.compare.collocations.contrast_collocates`, and what the sides rest on: ``label_a, vantage_a,
        times_a`` (the node's occurrences), ``holding_a`` (utterances with it), ``utterances_a, node_clusters_a`` and
        the same of b. Where nothing stands near a node often enough there is one row without a ``collocate``.

    """
    options, groups = study.parameters, readable_groups(study)
    known, whole, tables = known_tokens(groups), [group for group, _ in groups], []
    sets: list[tuple[Group, ...]] = list(lawful_pairs(whole))
    sets += [(one,) for one in whole if sum(one.language == other.language for other in whole) == 1]
    for name in options.node:
        books = node_patterns(name, known)
        near = {
            (group.name, group.language): count_near(
                tokens, group.rows["cluster_id"], books[group.language].find(tokens), options.window
            )
            for group, tokens in groups
        }
        for chosen in sets:
            counts = [near[group.name, group.language] for group in chosen]
            if len(counts) > 1:
                table = contrast_collocates(*counts, options.min_count, draws=options.draws, rng=study.rng())
            else:
                table = describe_collocates(counts[0], options.min_count)
                table = table.rename(columns={column: f"{column}_a" for column in table if column != "collocate"})
            about = {
                f"{key}_{side}": value
                for side, group, count in zip("ab", chosen, counts, strict=False)
                for key, value in _rests_on(count, group).items()
            }
            more = {**about, "window": options.window, "min_count": options.min_count}
            tables.append(name_sides(table, chosen, {"node": name.removeprefix(WORD)}, **more))
    return stack(tables, ["node", *PAIR])


def _rests_on(count: CooccurrenceCounts, group: Group) -> dict[str, float]:
    clusters = int((count.node > 0).sum())
    sizes = {"times": int(count.node.sum()), "holding": count.utterances, "utterances": len(group.rows)}
    return sizes | {"node_clusters": clusters, "node_effective": effective_clusters(count.node)}
