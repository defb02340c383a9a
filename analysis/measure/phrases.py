"""Phrases matched on tokens: all of them at once, over the numbers of tokens instead of their letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.measure.ragged import Ragged

#: At the end of a word: any continuation of it.
WILDCARD = "*"


class Phrases:
    """A trie of phrases, walked from all places of a batch at once, one token a step.

    An edge bears a symbol: a word, or the stem of a starred word. What is looked up in strings is looked up once a
    distinct word of the batch; the walk itself sees numbers, and only places whose word opens a phrase.

    Parameters
    ----------
    phrases : sequence of sequence of str
        The words of each; one that ends in :data:`WILDCARD` stands for every word that begins so.

    """

    def __init__(self, phrases: Sequence[Sequence[str]]) -> None:
        """Build the trie."""
        written = sorted({word for phrase in phrases for word in phrase}, key=lambda w: (w.endswith(WILDCARD), w))
        symbols = {word: symbol for symbol, word in enumerate(written)}
        self._words = pa.array([word for word in written if not word.endswith(WILDCARD)], pa.string())
        self._stems = [word.removesuffix(WILDCARD) for word in written[len(self._words) :]]
        edges: dict[int, int] = {}  # node * symbols + symbol -> the next node
        ends: list[list[int]] = [[]]  # of each node, the phrases that end there
        for number, phrase in enumerate(phrases):
            node = 0
            for word in phrase:
                node = edges.setdefault(node * len(symbols) + symbols[word], len(ends))
                if node == len(ends):
                    ends.append([])
            ends[node].append(number)
        self._depth = max(map(len, phrases), default=0)
        self._edges = np.array(sorted(edges), dtype=np.int64)
        self._next = np.array([edges[edge] for edge in sorted(edges)], dtype=np.int64)
        self._from_root = np.full(len(symbols), -1)  # by symbol, the node after it; the root is node 0
        first = self._edges < len(symbols)
        self._from_root[self._edges[first]] = self._next[first]
        self._ends = np.array([number for here in ends for number in here], dtype=np.int64)
        self._ends_from = np.cumsum([0, *map(len, ends)])
        self._goes_on = np.isin(np.arange(len(ends)), self._edges // max(len(symbols), 1))
        self._last: list[tuple[list[str], np.ndarray, np.ndarray]] = []

    def find(self, tokens: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the first tokens of what is found, and the numbers of the phrases, in no order."""
        symbol, symbol_from = self._symbols(tokens.vocabulary)
        known = np.diff(symbol_from) > 0
        opens = np.zeros(len(known), dtype=bool)
        opens[np.repeat(np.arange(len(known)), np.diff(symbol_from))[self._from_root[symbol] >= 0]] = True
        at = np.flatnonzero(opens[tokens.codes])
        row, k = _spread(symbol_from, tokens.codes[at])
        at, node = at[row], self._from_root[symbol[k]]
        at, node = at[node >= 0], node[node >= 0]
        found = [(at[:0], at[:0])]
        for step in range(1, self._depth + 1):
            row, k = _spread(self._ends_from, node)
            found.append((at[row], self._ends[k]))
            # Of the places that begin a phrase few are followed by a word that any phrase has.
            inside = self._goes_on[node] & (at + step < len(tokens.codes))
            at, node = at[inside], node[inside]
            inside = known[tokens.codes[at + step]]
            at, node = at[inside], node[inside]
            inside = tokens.offsets[np.searchsorted(tokens.offsets, at, side="right")] > at + step
            at, node = at[inside], node[inside]
            row, k = _spread(symbol_from, tokens.codes[at + step])
            edge = node[row] * len(self._from_root) + symbol[k]
            place = np.minimum(np.searchsorted(self._edges, edge), len(self._edges) - 1)
            there = self._edges[place] == edge
            at, node = at[row[there]], self._next[place[there]]
        places, phrases = zip(*found, strict=True)
        return np.concatenate(places), np.concatenate(phrases)

    def _symbols(self, vocabulary: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the symbols that each word of a batch can stand for, flat, and where those of each word begin."""
        for known, symbols, begins in self._last:
            if known is vocabulary:
                return symbols, begins
        words = pa.array(vocabulary, pa.string())
        exact = pc.index_in(words, value_set=self._words).fill_null(-1).to_numpy()
        seen = np.flatnonzero(exact >= 0)
        pairs = [(seen, exact[seen])]
        for symbol, stem in enumerate(self._stems, start=len(self._words)):
            seen = np.flatnonzero(pc.starts_with(words, stem).to_numpy(zero_copy_only=False))
            pairs.append((seen, np.full(len(seen), symbol)))
        word, symbols = (np.concatenate(side) for side in zip(*pairs, strict=True))
        order = np.argsort(word, kind="stable")
        symbols, begins = symbols[order].astype(np.int64), np.searchsorted(word[order], np.arange(len(vocabulary) + 1))
        self._last[:] = [(vocabulary, symbols, begins)]
        return symbols, begins


def crowded(key: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Tell which of some stretches meet another one of the same key; they are sorted by key and start.

    Examples
    --------
    >>> crowded(np.array([0, 0, 0, 1]), np.array([0, 1, 5, 5]), np.array([2, 3, 6, 6])).tolist()
    [True, True, False, False]

    """
    # The ends of one key are put beyond those of all keys before it.
    reach = key * (int(end.max(initial=0)) + 1)
    meets = np.zeros(len(start) + 1, bool)
    meets[1:-1] = (start + reach)[1:] < np.maximum.accumulate(end + reach)[:-1]
    return meets[1:] | meets[:-1]


def _spread(begins: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go through flat lists: for each list asked for, its row among those asked and the places of its items."""
    first, number = begins[which], begins[which + 1] - begins[which]
    row = np.repeat(np.arange(len(which)), number)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(number) - number - first, number)
