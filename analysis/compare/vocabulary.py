"""Which words set two groups of one language apart: counts by cluster, log-odds and log ratio."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from scipy.special import stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, effective_clusters

TERM_COLUMNS = (
    "term",
    "n_a",
    "n_b",
    "per_million_a",
    "per_million_b",
    "log_ratio",
    "ci_low",
    "ci_high",
    "log_odds",
    "se_tokens",
    "z_tokens",
    "clusters_a",
    "clusters_b",
    "note",
)
#: A term in fewer clusters than this (both sides together) gets no interval.
_FEW_CLUSTERS = 5
#: A standard error below this is rounding: a log ratio that no cluster moves.
_ROUNDING = 1e-6
#: Eyes, nose and mouth, or the other way round; some mouths are letters.
_EMOTICON = re.compile(r"[<>]?[:;=8][-o*']?[][)(dp/:}{@|\\]|[][)(dp/:}{@|\\][-o*']?[:;=8][<>]?", re.IGNORECASE)


class Counts(NamedTuple):
    """Term counts of one group.

    Attributes
    ----------
    clusters : numpy.ndarray of str, shape (clusters,)
        Sorted.
    terms : numpy.ndarray of str, shape (terms,)
        Sorted.
    matrix : scipy.sparse.csr_array of int64, shape (clusters, terms)

    """

    clusters: np.ndarray
    terms: np.ndarray
    matrix: sparse.csr_array


def is_term(token: str) -> bool:
    """Tell whether a token is vocabulary: it holds a letter or is a symbol such as an emoji, and is no link.

    Punctuation, numbers and ASCII emoticons are not.
    """
    if token.lower().startswith(("http://", "https://", "www.")) or _EMOTICON.fullmatch(token):
        return False
    return any(character.isalpha() or _is_symbol(character) for character in token)


def _is_symbol(character: str) -> bool:
    """Tell symbols; the planes of emoji by their place, since an older Python does not know the newest of them."""
    return unicodedata.category(character) == "So" or "\U0001f000" <= character <= "\U0001faff"


def count_terms(tokens: pa.ListArray, clusters: pd.Series) -> Counts:
    """Count the terms of utterances by cluster.

    Parameters
    ----------
    tokens : pyarrow.ListArray of string
        One list an utterance.
    clusters : pandas.Series of str
        The cluster of each.

    Returns
    -------
    Counts

    """
    flat = tokens.flatten().dictionary_encode()
    vocabulary = np.array(flat.dictionary.to_pylist(), dtype=object)
    keep = np.array([is_term(token) for token in vocabulary], dtype=bool)
    order = np.argsort(vocabulary[keep].astype(str)) if keep.any() else np.array([], dtype=np.int64)
    place = np.full(len(vocabulary), -1, dtype=np.int64)
    place[np.flatnonzero(keep)[order]] = np.arange(len(order))
    names, rows = np.unique(clusters.to_numpy(dtype=str), return_inverse=True)
    lengths = tokens.value_lengths().to_numpy(zero_copy_only=False)
    row = np.repeat(rows, lengths)
    column = place[flat.indices.to_numpy()]
    row, column = row[column >= 0], column[column >= 0]
    ones = np.ones(len(row), dtype=np.int64)
    matrix = sparse.coo_array((ones, (row, column)), shape=(len(names), len(order))).tocsr()
    matrix.sum_duplicates()
    return Counts(names.astype(object), vocabulary[keep][order], matrix)


def keyness(
    a: Counts, b: Counts, ordinary: pd.Series | None = None, *, min_count: int = 5, prior_share: float = 0.02
) -> pd.DataFrame:
    """Compare the vocabulary of two groups of one language.

    Parameters
    ----------
    a, b : Counts
        Of one language.
    ordinary : pandas.Series of float, optional
        Term to its share of ordinary language, for the prior; without it the pooled share.
    min_count : int
        A term is in the declared vocabulary if the pair holds it this often.
    prior_share : float
        The prior's total strength, as a share of the smaller side's terms.

    Returns
    -------
    pandas.DataFrame
        :data:`TERM_COLUMNS`, sorted by term. ``log_ratio`` is log2 of the ratio of shares with half an occurrence
        added (Hardie 2014), its interval from the cluster jackknife; ``log_odds`` has an informative Dirichlet prior
        (Monroe, Colaresi & Quinn 2008, eq. 15-22), and ``se_tokens`` and ``z_tokens`` assume independent tokens.

    """
    terms = np.array(sorted(set(a.terms) | set(b.terms)), dtype=object)
    counts_a, counts_b = _aligned(a, terms), _aligned(b, terms)
    n_a, n_b = (np.asarray(counts.sum(axis=0)).ravel() for counts in (counts_a, counts_b))
    keep = np.flatnonzero(n_a + n_b >= min_count)
    terms, counts_a, counts_b, n_a, n_b = terms[keep], counts_a[:, keep], counts_b[:, keep], n_a[keep], n_b[keep]
    words_a, words_b = int(a.matrix.sum()), int(b.matrix.sum())
    table = pd.DataFrame({"term": terms, "n_a": n_a, "n_b": n_b})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["per_million_a"], table["per_million_b"] = 1e6 * n_a / words_a, 1e6 * n_b / words_b
        table["log_ratio"] = np.log2((n_a + 0.5) / words_a) - np.log2((n_b + 0.5) / words_b)
    prior = _prior(terms, n_a + n_b, words_a + words_b, ordinary) * prior_share * min(words_a, words_b)
    strength = prior_share * min(words_a, words_b)
    table["log_odds"] = _log_odds(n_a, words_a, prior, strength) - _log_odds(n_b, words_b, prior, strength)
    table["se_tokens"] = np.sqrt(1 / (n_a + prior) + 1 / (n_b + prior))
    table["z_tokens"] = table["log_odds"] / table["se_tokens"]
    table["clusters_a"], table["clusters_b"] = ((counts > 0).sum(axis=0) for counts in (counts_a, counts_b))
    table["note"] = ""
    table["ci_low"] = table["ci_high"] = np.nan
    weights = [np.asarray(counts.matrix.sum(axis=1), dtype=float).ravel() for counts in (a, b)]
    if min(map(effective_clusters, weights)) < FEW_FOR_INTERVAL:
        table["note"] = "few clusters: no interval"
    else:
        se, df = _jackknife((a.clusters, counts_a, weights[0]), (b.clusters, counts_b, weights[1]))
        few, flat = (table["clusters_a"] + table["clusters_b"]).to_numpy() < _FEW_CLUSTERS, ~(se > _ROUNDING)
        # Leaving clusters out cannot show how a zero varies: such intervals exclude 0 in up to 18 % of nulls.
        absent = (table[["n_a", "n_b"]] == 0).any(axis=1).to_numpy()
        reach = np.where(few | flat | absent, np.nan, stdtrit(df, 0.975) * se)
        table["ci_low"], table["ci_high"] = table["log_ratio"] - reach, table["log_ratio"] + reach
        table.loc[flat, "note"] = "no variation between clusters: no interval"
        table.loc[absent, "note"] = "absent on one side: no interval"
        table.loc[few, "note"] = "in few clusters: no interval"
    return table[list(TERM_COLUMNS)]


def _aligned(counts: Counts, terms: np.ndarray) -> sparse.csr_array:
    """Return the matrix with the columns of ``terms``, which holds every term of ``counts``; both are sorted."""
    place = np.searchsorted(terms.astype(str), counts.terms.astype(str)) if len(counts.terms) else np.array([], int)
    grid = counts.matrix.tocoo()
    shape = (counts.matrix.shape[0], len(terms))
    return sparse.coo_array((grid.data, (grid.row, place[grid.col])), shape=shape).tocsr()


def _prior(terms: np.ndarray, n: np.ndarray, words: int, ordinary: pd.Series | None) -> np.ndarray:
    """Return each term's share under the prior; a term that ordinary language lacks takes its rarest share."""
    if ordinary is None or not len(ordinary):
        return n / max(words, 1)
    return ordinary.reindex(terms).fillna(ordinary.min()).to_numpy()


def _log_odds(n: np.ndarray, words: int, prior: np.ndarray, strength: float) -> np.ndarray:
    return np.log((n + prior) / (words + strength - n - prior))


_Grid = tuple[np.ndarray, sparse.csr_array, np.ndarray]


class _Moves(NamedTuple):
    """How leaving out cluster c moves log2(share) of term t: ``at[c, t] - mean[t] + all[c]``, times ``scale``."""

    at: sparse.csr_array
    mean: np.ndarray
    all: np.ndarray
    scale: float

    def rows(self, keep: np.ndarray) -> _Moves:
        return _Moves(self.at[keep], self.mean, self.all[keep], self.scale)


def _moves(counts: sparse.csr_array, weight: np.ndarray) -> _Moves:
    """Return the jackknife's moves of one side.

    Most clusters lack most terms; leaving such a cluster out only shrinks the number of words, by an amount that is
    the same for all terms. So only the cells with a count are kept, the rest is one number a cluster.
    """
    count = len(weight)
    n = np.asarray(counts.sum(axis=0)).ravel().astype(float)
    at = counts.tocoo().astype(float)
    at.data = np.log2(n[at.col] - at.data + 0.5) - np.log2(n[at.col] + 0.5)
    at = at.tocsr()
    shift = -np.log2(weight.sum() - weight)
    return _Moves(at, np.asarray(at.sum(axis=0)).ravel() / count, shift - shift.mean(), ((count - 1) / count) ** 0.5)


def _product(x: _Moves, y: _Moves) -> np.ndarray:
    """Sum the product of two sides' moves over their (common) clusters, by term."""
    count = len(x.all)
    sums_x, sums_y = (np.asarray(side.at.sum(axis=0)).ravel() for side in (x, y))
    out = np.asarray((x.at * y.at).sum(axis=0)).ravel()
    out = out - y.mean * sums_x - x.mean * sums_y + count * x.mean * y.mean
    out = out + x.at.T @ y.all + y.at.T @ x.all - x.mean * y.all.sum() - y.mean * x.all.sum()
    return (out + (x.all * y.all).sum()) * x.scale * y.scale


def _jackknife(side_a: _Grid, side_b: _Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return se and df of the log ratio, by term, as `analysis.compare.contrasts.compare` does for means."""
    _, in_a, in_b = np.intersect1d(side_a[0], side_b[0], assume_unique=True, return_indices=True)
    a, b = _moves(side_a[1], side_a[2]), _moves(side_b[1], side_b[2])
    only_a, only_b = a.rows(_others(len(a.all), in_a)), b.rows(_others(len(b.all), in_b))
    both_a, both_b = a.rows(in_a), b.rows(in_b)
    free_a, free_b = effective_clusters(side_a[2]) - 1, effective_clusters(side_b[2]) - 1
    shared = _product(both_a, both_a) + _product(both_b, both_b) - 2 * _product(both_a, both_b)
    parts = [(_product(only_a, only_a), free_a), (_product(only_b, only_b), free_b), (shared, min(free_a, free_b))]
    variance = np.maximum(sum(part for part, _ in parts), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / sum(part**2 / free for part, free in parts)
    return np.sqrt(variance), df


def _others(count: int, taken: np.ndarray) -> np.ndarray:
    return np.setdiff1d(np.arange(count), taken)
