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
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from scipy.special import stdtr, stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, effective_clusters
from analysis.compare.contrasts import FEW_NOTE, FEW_P_NOTE, adjust
from analysis.compare.vocabulary import is_term
from analysis.measure.concepts import Mentions
from analysis.measure.ragged import Ragged

#: One group's columns; a contrast has each of them twice, ``_a`` and ``_b``.
SIDE_COLUMNS = ("together", "node", "term", "expected", "log_dice", "mi", "t_tokens", "clusters", "g", "node_g")
CONTRAST_COLUMNS = (
    "collocate",
    *(f"{name}_{side}" for side in "ab" for name in SIDE_COLUMNS),
    *("log_dice_difference", "se", "df", "ci_low", "ci_high", "p", "q"),
    *("mi_difference", "mi_ci_low", "mi_ci_high", "note"),
)
FLAT_NOTE = "no variation between clusters: no interval, no p"
ONE_SIDE_NOTE = "together in one group only: no interval, no p"
_BLOCK = 200  # collocates whose clusters are left out at once
_ROUNDING = 1e-12


class Near(NamedTuple):
    """What stands near a node in one group, by cluster.

    Attributes
    ----------
    clusters : numpy.ndarray of str, shape (clusters,)
        Sorted; all clusters of the group.
    terms : numpy.ndarray of str, shape (terms,)
        Sorted; every term of the group.
    together, term : scipy.sparse.csc_array of int64, shape (clusters, terms)
        Occurrences in windows, and anywhere outside the node.
    node, near, words : numpy.ndarray of int64, shape (clusters,)
        Occurrences of the node, terms in windows, terms outside the node.
    utterances : int
        Those that hold the node.

    """

    clusters: np.ndarray
    terms: np.ndarray
    together: sparse.csc_array
    term: sparse.csc_array
    node: np.ndarray
    near: np.ndarray
    words: np.ndarray
    utterances: int


def as_ragged(tokens: pa.ListArray) -> Ragged:
    """Return stored tokens as flat arrays, for the codebook and the windows."""
    flat = tokens.flatten().dictionary_encode()
    ends = np.cumsum(tokens.value_lengths().to_numpy(zero_copy_only=False))
    codes = flat.indices.to_numpy().astype(np.int32)
    return Ragged(codes, np.concatenate([[0], ends]).astype(np.int64), flat.dictionary.to_pylist())


def count_near(tokens: Ragged, clusters: pd.Series, hits: Mentions, window: int = 5) -> Near:
    """Count what stands near the hits of a node.

    Parameters
    ----------
    tokens : Ragged
        Of the utterances of one group, in one language.
    clusters : pandas.Series of str, shape (utterances,)
    hits : Mentions
        The node's occurrences, such as `analysis.measure.concepts.Codebook.find` gives for a codebook of one row.
    window : int
        Terms on each side.

    Returns
    -------
    Near

    """
    cluster, names = pd.factorize(clusters.to_numpy(dtype=object), sort=True)
    counts = counted(tokens)
    rank = np.concatenate([[0], np.cumsum(counts)])  # terms before each token
    first, last = rank[tokens.offsets[hits.text]], rank[tokens.offsets[hits.text + 1]]
    start, end = tokens.offsets[hits.text] + hits.start, tokens.offsets[hits.text] + hits.end
    at = np.flatnonzero(counts)
    own = _covered([(start, end)], len(tokens.codes))[at]
    left = (np.maximum(rank[start] - window, first), rank[start])
    right = (rank[end], np.minimum(rank[end] + window, last))
    near = _covered([left, right], len(at)) & ~own

    rows = cluster[np.searchsorted(tokens.offsets, at, side="right") - 1]
    kept = np.unique(tokens.codes[at])
    vocabulary = np.array(tokens.vocabulary, dtype=object)[kept]
    order = np.argsort(vocabulary) if len(kept) else kept
    place = np.full(len(tokens.vocabulary), -1, dtype=np.int64)
    place[kept[order]] = np.arange(len(kept))
    columns = place[tokens.codes[at]]

    def matrix(chosen: np.ndarray) -> sparse.csc_array:
        cells = (np.ones(int(chosen.sum()), dtype=np.int64), (rows[chosen], columns[chosen]))
        return sparse.coo_array(cells, shape=(len(names), len(kept))).tocsc()

    def sums(of: np.ndarray) -> np.ndarray:
        return np.bincount(of, minlength=len(names)).astype(np.int64)

    return Near(
        clusters=names.astype(object),
        terms=vocabulary[order],
        together=matrix(near),
        term=matrix(~own),
        node=sums(cluster[hits.text]),
        near=sums(rows[near]),
        words=sums(rows[~own]),
        utterances=len(np.unique(hits.text)),
    )


def counted(tokens: Ragged) -> np.ndarray:
    """Tell which token occurrences count: terms, but not the two of ``u/name``."""
    flags = np.array([is_term(token) for token in tokens.vocabulary], dtype=bool)
    return flags[tokens.codes] & ~_named_users(tokens)


def _named_users(tokens: Ragged) -> np.ndarray:
    """Tell the tokens of ``u/name``; handles with an @ never become tokens."""
    code = {token: number for number, token in enumerate(tokens.vocabulary)}
    out = np.zeros(len(tokens.codes), dtype=bool)
    if "u" in code and "/" in code:
        at = np.flatnonzero((tokens.codes[:-2] == code["u"]) & (tokens.codes[1:-1] == code["/"]))
        at = at[np.searchsorted(tokens.offsets, at, side="right") == np.searchsorted(tokens.offsets, at + 2, "right")]
        out[at] = out[at + 2] = True
    return out


def _covered(spans: list[tuple[np.ndarray, np.ndarray]], size: int) -> np.ndarray:
    """Tell which of ``size`` places lie in any of the spans (start, end)."""
    change = np.zeros(size + 1, dtype=np.int64)
    for start, end in spans:
        np.add.at(change, start, 1)
        np.add.at(change, end, -1)
    return np.cumsum(change)[:size] > 0


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

    def scores(self) -> np.ndarray:
        """Return logDice and MI, shape (2, ...); NaN without co-occurrence: the logarithm of 0 is no small number."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log_dice = 14 + np.log2(2 * self.together / (self.node + self.term))
            mi = np.log2(self.together * self.words / (self.near * self.term))
        return np.where(self.together > 0, [log_dice, mi], np.nan)

    def effective(self) -> np.ndarray:
        """Return G* of the co-occurrences, shape (chosen,)."""
        squares = np.square(self.together).sum(axis=0)
        return self.together.sum(axis=0) ** 2 / np.maximum(squares, 1)

    def moves(self) -> np.ndarray:
        """Return how each left-out cluster moves the scores, shape (2, clusters, chosen), as `contrasts.jackknife`."""
        count = len(self.together)
        without = self.without_each().scores()
        return np.sqrt((count - 1) / count) * (without - without.mean(axis=1, keepdims=True))


def _chosen(side: Near, terms: np.ndarray) -> _Columns:
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


def _frequent(sides: Sequence[Near], min_count: int) -> np.ndarray:
    """Return the terms that stand near the node ``min_count`` times in all groups together, sorted."""
    sums = [pd.Series(np.asarray(side.together.sum(axis=0)).ravel(), index=side.terms) for side in sides]
    total = pd.concat(sums).groupby(level=0).sum()
    return np.array(sorted(total.index[total >= max(min_count, 1)]), dtype=object)


def describe_collocates(side: Near, min_count: int = 5) -> pd.DataFrame:
    """Return what stands near a node in one group.

    Parameters
    ----------
    side : Near
    min_count : int
        A collocate is declared if it stands near the node this often.

    Returns
    -------
    pandas.DataFrame
        ``collocate``, then :data:`SIDE_COLUMNS`, sorted by collocate. ``clusters`` are those that hold the pair, ``g``
        is how many equal ones they are worth, and ``node_g`` those with the node.

    """
    pieces = [
        pd.DataFrame({"collocate": block, **_describe(_chosen(side, block))})
        for block in _blocks(_frequent([side], min_count))
    ]
    return pd.concat(pieces, ignore_index=True)


def contrast_collocates(a: Near, b: Near, min_count: int = 5) -> pd.DataFrame:
    """Compare what stands near a node in two groups of one language.

    Parameters
    ----------
    a, b : Near
        Of one node and one window.
    min_count : int
        A collocate is declared if it stands near the node this often in both groups together.

    Returns
    -------
    pandas.DataFrame
        :data:`CONTRAST_COLUMNS`, sorted by collocate. Differences are a - b, their 95 % intervals from the cluster
        jackknife with t on Satterthwaite's degrees of freedom; a cluster that stands on both sides is left out of both
        at once (`analysis.compare.contrasts.standard_error`). Degrees of freedom rest on G* of the co-occurrences
        (``g_a``, ``g_b``): under 5 on a side there is no interval. Where the node itself is worth under 10 clusters on
        a side (``node_g_a``, ``node_g_b``) there is no p. ``p`` is for logDice, ``q`` is Benjamini & Hochberg's over
        the table. Where a group never has the two together its logDice is minus infinity: it is left empty, and
        so is the difference; the frequencies stand beside it.

    """
    rows = [_contrast(block, a, b) for block in _blocks(_frequent([a, b], min_count))]
    table = pd.concat(rows, ignore_index=True)
    tested = table["p"].notna()
    table["q"] = np.nan
    table.loc[tested, "q"] = adjust(table.loc[tested, "p"].to_numpy())
    return table[list(CONTRAST_COLUMNS)]


def _contrast(terms: np.ndarray, a: Near, b: Near) -> pd.DataFrame:
    sides = [_chosen(side, terms) for side in (a, b)]
    table = pd.DataFrame({"collocate": terms})
    for side, columns in zip("ab", sides, strict=True):
        for name, values in _describe(columns).items():
            table[f"{name}_{side}"] = values
    table["log_dice_difference"] = table["log_dice_a"] - table["log_dice_b"]
    table["mi_difference"] = table["mi_a"] - table["mi_b"]
    free = [columns.effective() - 1 for columns in sides]
    fewest = np.minimum(*free) + 1
    # Not the co-occurrences' own G*: testing only where they happen to be many finds up to 13 % under a null.
    tested = min(effective_clusters(side.node) for side in (a, b)) >= FEW_FOR_P
    table[["se", "df", "ci_low", "ci_high", "p", "mi_ci_low", "mi_ci_high"]] = np.nan
    at = np.flatnonzero(fewest >= FEW_FOR_INTERVAL)
    if len(at):
        moves = [_Columns(*(part[:, at] if part.shape[1] > 1 else part for part in c)).moves() for c in sides]
        se, df = _standard_error(a.clusters, moves[0], free[0][at], b.clusters, moves[1], free[1][at])
        se[se <= _ROUNDING] = np.nan
        for number, name, ends in ((0, "log_dice", ("ci_low", "ci_high")), (1, "mi", ("mi_ci_low", "mi_ci_high"))):
            middle = table[f"{name}_difference"].to_numpy()[at]
            reach = stdtrit(df[number], 0.975) * se[number]
            table.loc[at, ends[0]], table.loc[at, ends[1]] = middle - reach, middle + reach
        table.loc[at, "se"], table.loc[at, "df"] = se[0], df[0]
        p = 2 * stdtr(df[0], -np.abs(table["log_dice_difference"].to_numpy()[at]) / se[0])
        table.loc[at, "p"] = p if tested else np.nan
    notes = [fewest < 1, fewest < FEW_FOR_INTERVAL, table["se"].isna(), np.full(len(table), not tested)]
    table["note"] = np.select(notes, [ONE_SIDE_NOTE, FEW_NOTE, FLAT_NOTE, FEW_P_NOTE], "")
    return table


def _standard_error(
    clusters_a: np.ndarray,
    moves_a: np.ndarray,
    free_a: np.ndarray,
    clusters_b: np.ndarray,
    moves_b: np.ndarray,
    free_b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return se and df of differences, shape (2, chosen): `contrasts.standard_error` for many scores at once."""
    _, in_a, in_b = np.intersect1d(clusters_a, clusters_b, assume_unique=True, return_indices=True)
    only_a = np.square(np.delete(moves_a, in_a, axis=1)).sum(axis=1)
    only_b = np.square(np.delete(moves_b, in_b, axis=1)).sum(axis=1)
    shared = np.square(moves_a[:, in_a] - moves_b[:, in_b]).sum(axis=1)
    # Added in an order that swapping the groups does not change, to the last bit.
    variance = only_a + only_b + shared
    spread = only_a**2 / free_a + only_b**2 / free_b + shared**2 / np.minimum(free_a, free_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(variance), variance**2 / spread
