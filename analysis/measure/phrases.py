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
        self._first = np.isin(np.arange(len(symbols)), self._edges)  # the root is node 0
        self._ends = np.array([number for here in ends for number in here], dtype=np.int64)
        self._ends_from = np.cumsum([0, *map(len, ends)])

    def find(self, tokens: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the first tokens of what is found, and the numbers of the phrases, in no order."""
        symbol, symbol_from = self._symbols(tokens.vocabulary)
        opens = np.zeros(len(tokens.vocabulary), dtype=bool)
        opens[np.repeat(np.arange(len(opens)), np.diff(symbol_from))[self._first[symbol]]] = True
        at = np.flatnonzero(opens[tokens.codes])
        end = tokens.offsets[np.searchsorted(tokens.offsets, at, side="right")] - at
        node = np.zeros(len(at), dtype=np.int64)
        found = [(at[:0], at[:0])]
        for step in range(self._depth):
            inside = step < end
            at, end, node = at[inside], end[inside], node[inside]
            row, k = _spread(symbol_from, tokens.codes[at + step])
            edge = node[row] * len(self._first) + symbol[k]
            place = np.minimum(np.searchsorted(self._edges, edge), len(self._edges) - 1)
            there = self._edges[place] == edge
            row, node = row[there], self._next[place[there]]
            at, end = at[row], end[row]
            row, k = _spread(self._ends_from, node)
            found.append((at[row], self._ends[k]))
        places, phrases = zip(*found, strict=True)
        return np.concatenate(places), np.concatenate(phrases)

    def _symbols(self, vocabulary: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the symbols that each word of a batch can stand for, flat, and where those of each word begin."""
        words = pa.array(vocabulary, pa.string())
        exact = pc.index_in(words, value_set=self._words).fill_null(-1).to_numpy()
        seen = np.flatnonzero(exact >= 0)
        pairs = [(seen, exact[seen])]
        for symbol, stem in enumerate(self._stems, start=len(self._words)):
            seen = np.flatnonzero(pc.starts_with(words, stem).to_numpy(zero_copy_only=False))
            pairs.append((seen, np.full(len(seen), symbol)))
        word, symbols = (np.concatenate(side) for side in zip(*pairs, strict=True))
        order = np.argsort(word, kind="stable")
        return symbols[order].astype(np.int64), np.searchsorted(word[order], np.arange(len(vocabulary) + 1))


def _spread(begins: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go through flat lists: for each list asked for, its row among those asked and the places of its items."""
    first, number = begins[which], begins[which + 1] - begins[which]
    row = np.repeat(np.arange(len(which)), number)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(number) - number - first, number)
