"""What stands within some terms of a node, counted by cluster."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare.vocabulary import is_term, named_users
from analysis.measure.concepts import Mentions
from analysis.measure.ragged import Ragged


class CooccurrenceCounts(NamedTuple):
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


def count_near(tokens: Ragged, clusters: pd.Series, hits: Mentions, window: int = 5) -> CooccurrenceCounts:
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

    return CooccurrenceCounts(
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
    return flags[tokens.codes] & ~named_users(tokens)


def _covered(spans: list[tuple[np.ndarray, np.ndarray]], size: int) -> np.ndarray:
    """Tell which of ``size`` places lie in any of the spans (start, end)."""
    change = np.zeros(size + 1, dtype=np.int64)
    for start, end in spans:
        np.add.at(change, start, 1)
        np.add.at(change, end, -1)
    return np.cumsum(change)[:size] > 0
