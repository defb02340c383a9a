"""What counts as a term, and how often each cluster of a group says it: words, and pairs of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from analysis.measure.ragged import Ragged

#: Classes of terms; a pair is two neighbouring words or hashtags.
WORD, HASHTAG, CODE, EMOJI, PAIR = "word", "hashtag", "code", "emoji", "pair"
#: Eyes, nose and mouth, or the other way round; some mouths are letters.
_EMOTICON = re.compile(r"[<>]?[:;=8][-o*']?[][)(dp/:}{@|\\]|[][)(dp/:}{@|\\][-o*']?[:;=8][<>]?", re.IGNORECASE)
#: Links, addresses, and hosts without a scheme. Endings that are English words (believe.me) need a path behind them, or
#: what a country registers under (stuff.co.nz) before them; other endings are left alone, since a forgotten space
#: (n.korea, serious.they) looks the same.
_LINK = re.compile(
    r"(?:https?:|www\.|t\.cn/).*|[^@]*[\w.]@[\w-]+\..*"
    r"|(?:[\w-]+\.)+(?:com|org|net|edu|gov|mil|info|tv|io|ly|gl|co|cn|hk|tw|jp|kr|kp|ru|uk|de|fr|eu|au|ca)(?:[/:?#].*)?"
    r"|(?:[\w-]+\.)+(?:com?|org|net|edu|govt?|mil|ac|go|or|ne)\.[a-z]{2}(?:[/:?#].*)?"
    r"|(?:[\w-]+\.)+[a-z]{2,4}/.+",
    re.IGNORECASE,
)
#: What is left of a link where it was cut into words.
_BARE = {"http", "https", "www"}
_CODE = re.compile(r"\[[^\[\]\s]{1,12}\]|:_?[a-z][a-z0-9_-]{2,}:")
_HANDLE = re.compile("[@＠].*")
#: Pictures as platforms draw them, without skin tones and variation selectors that stand alone. By place, since an
#: older Python does not know the newest of them; ©, ° and lines of boxes are symbols to Unicode and no emoji.
_PICTURE = re.compile(
    "[\U0001f000-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2b05-\u2b07"
    "\u2b1b\u2b1c\u2b50\u2b55]"
)


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


def term_class(token: str) -> str | None:
    """Return the class of a token as a term, or None for what is no vocabulary.

    No vocabulary are punctuation, numbers, ASCII emoticons, links, addresses, @handles, and marks that stand alone
    (variation selectors, skin tones). Hashtags, a platform's emoji codes and emoji are terms, each a class of its own.
    There are no stopwords: negation and evaluation are what the groups may differ in.

    Examples
    --------
    >>> [term_class(token) for token in ["not", "#dprk", "#平壤#", "[doge]", ":_wave:", "👍", "2017", "@kim"]]
    ['word', 'hashtag', 'hashtag', 'code', 'code', 'emoji', None, None]
    >>> term_class("bbc.com"), term_class("stuff.co.nz"), term_class("\ufe0f")
    (None, None, None)

    """
    if token.isalpha():  # most are: no pattern needs to be tried
        return None if token.casefold() in _BARE else WORD
    if _EMOTICON.fullmatch(token) or _LINK.fullmatch(token) or _HANDLE.fullmatch(token):
        return None
    if not any(map(str.isalpha, token)):
        return EMOJI if _PICTURE.search(token) else None
    if token[0] in "#＃":
        return HASHTAG
    return CODE if _CODE.fullmatch(token) else WORD


def is_term(token: str) -> bool:
    """Tell whether a token is vocabulary (see :func:`term_class`)."""
    return term_class(token) is not None


def term_classes(terms: Sequence[str]) -> list[str]:
    """Return the class of each term; what holds a space is a pair."""
    return [PAIR if " " in term else term_class(term) or "" for term in terms]


def count_terms(tokens: pa.ListArray, clusters: pd.Series) -> Counts:
    """Count the terms of utterances by cluster.

    Parameters
    ----------
    tokens : pyarrow.ListArray of string
        One list an utterance.
    clusters : pandas.Series of str
        The cluster of each.

    """
    lists = Ragged.of(tokens)
    codes, vocabulary = lists.codes, np.array(lists.vocabulary, dtype=object)
    keep = np.array([is_term(token) for token in vocabulary], dtype=bool)
    order = np.argsort(vocabulary[keep]) if keep.any() else np.array([], dtype=np.int64)
    place = np.full(len(vocabulary), -1, dtype=np.int64)
    place[np.flatnonzero(keep)[order]] = np.arange(len(order))
    names, row = _rows(lists, clusters)
    column = np.where(named_users(lists), -1, place[codes])
    # Only what is left after names were taken out is a term.
    present = np.unique(column[column >= 0])
    column = np.where(column >= 0, np.searchsorted(present, column), -1)
    return _counts(names, vocabulary[keep][order][present], row[column >= 0], column[column >= 0])


def count_pairs(tokens: pa.ListArray, clusters: pd.Series) -> Counts:
    """Count pairs of neighbouring words or hashtags by cluster.

    Nothing stands between the two: punctuation, numbers, emoji, codes and the end of an utterance part them.

    Parameters
    ----------
    clusters : pandas.Series of str

    Returns
    -------
    Counts
        The terms are ``first second``, with one space, in every language.

    """
    lists = Ragged.of(tokens)
    codes, vocabulary = lists.codes, np.array(lists.vocabulary, dtype=object)
    word = np.array([term_class(token) in {WORD, HASHTAG} for token in vocabulary], dtype=bool)[codes]
    word &= ~named_users(lists)
    names, row = _rows(lists, clusters)
    utterance = np.repeat(np.arange(len(lists)), lists.lengths())
    at = np.flatnonzero(word[:-1] & word[1:] & (utterance[:-1] == utterance[1:]))
    distinct, column = np.unique(codes[at].astype(np.int64) * len(vocabulary) + codes[at + 1], return_inverse=True)
    first, second = np.divmod(distinct, max(len(vocabulary), 1))
    terms = vocabulary[first] + " " + vocabulary[second] if len(distinct) else np.array([], dtype=object)
    order = np.argsort(terms) if len(terms) else np.array([], dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return _counts(names, terms[order], row[at], place[column])


def named_users(tokens: Ragged) -> np.ndarray:
    """Tell the u and the name of Reddit's ``u/name``, which comes as three tokens; @handles never become tokens."""
    code = {token: number for number, token in enumerate(tokens.vocabulary)}
    out = np.zeros(len(tokens.codes), dtype=bool)
    if "u" in code and "/" in code:
        at = np.flatnonzero((tokens.codes[:-2] == code["u"]) & (tokens.codes[1:-1] == code["/"]))
        at = at[np.searchsorted(tokens.offsets, at, side="right") == np.searchsorted(tokens.offsets, at + 2, "right")]
        out[at] = out[at + 2] = True
    return out


def _rows(lists: Ragged, clusters: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the clusters' names and, for each token, the place of its cluster among them."""
    # Arrays of fixed width would give every row the room of the longest: one hostile id, and memory is gone.
    rows, names = pd.factorize(clusters.to_numpy(dtype=object), sort=True)
    return names, np.repeat(rows, lists.lengths())


def _counts(names: np.ndarray, terms: np.ndarray, row: np.ndarray, column: np.ndarray) -> Counts:
    ones = np.ones(len(row), dtype=np.int64)
    matrix = sparse.coo_array((ones, (row, column)), shape=(len(names), len(terms))).tocsr()
    matrix.sum_duplicates()
    return Counts(names.astype(object), terms, matrix)
